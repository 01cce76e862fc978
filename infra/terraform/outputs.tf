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

output "shared_alb_dns_name" {
  description = "The shared application load balancer's name; a record may point at it."
  value       = one(module.load_balancers[*].alb_dns_name)
}

output "shared_nlb_dns_name" {
  description = "The shared network load balancer's name; a record may point at it."
  value       = one(module.load_balancers[*].nlb_dns_name)
}

output "shared_alb_target_group_arn" {
  description = "What targets of the shared application load balancer are registered with."
  value       = one(module.load_balancers[*].alb_target_group_arn)
}

output "shared_nlb_target_group_arn" {
  description = "What targets of the shared network load balancer are registered with."
  value       = one(module.load_balancers[*].nlb_target_group_arn)
}
