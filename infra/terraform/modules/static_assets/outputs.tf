output "bucket_name" {
  value = aws_s3_bucket.this.id
}

output "distribution_id" {
  value = aws_cloudfront_distribution.this.id
}

output "cdn_domain" {
  value = aws_cloudfront_distribution.this.domain_name
}

output "certificate_validation_records" {
  description = "The records that prove to ACM whose the domain names are, when this module asks for the certificate."
  value       = local.own_certificate ? aws_acm_certificate.this[0].domain_validation_options : []
}
