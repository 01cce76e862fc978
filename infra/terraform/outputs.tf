output "static_assets_bucket_name" {
  description = "The bucket that bundles and media are uploaded to."
  value       = one(module.static_assets[*].bucket_name)
}

output "static_assets_distribution_id" {
  description = "The distribution that invalidations are created for."
  value       = one(module.static_assets[*].distribution_id)
}

output "static_assets_cdn_domain" {
  description = "The distribution's name; a CNAME or ALIAS record may point at it."
  value       = one(module.static_assets[*].cdn_domain)
}

output "vpc_id" {
  description = "The network's VPC."
  value       = one(module.network[*].vpc_id)
}

output "public_subnet_ids" {
  description = "Where internet-facing load balancers are placed."
  value       = flatten(module.network[*].public_subnet_ids)
}

output "private_subnet_ids" {
  description = "Where targets, databases and internal load balancers are placed."
  value       = flatten(module.network[*].private_subnet_ids)
}
