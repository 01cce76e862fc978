locals {
  name        = "meetinity-${var.environment}-static-assets"
  bucket_name = var.static_assets.bucket_name != "" ? var.static_assets.bucket_name : local.name
  origin_id   = "static-assets"

  # Managed-CachingOptimized, unless a time to live is asked for: with a policy the distribution's own are ignored.
  caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  own_cache_policy = anytrue([
    var.static_assets.min_ttl_seconds != null,
    var.static_assets.default_ttl_seconds != null,
    var.static_assets.max_ttl_seconds != null,
  ])
  min_ttl     = coalesce(var.static_assets.min_ttl_seconds, 1)
  default_ttl = coalesce(var.static_assets.default_ttl_seconds, max(86400, local.min_ttl))
  max_ttl     = coalesce(var.static_assets.max_ttl_seconds, max(31536000, local.default_ttl))

  own_certificate = length(var.static_assets.domain_names) > 0 && var.static_assets.acm_certificate_arn == ""
  certificate_arn = local.own_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.static_assets.acm_certificate_arn
}

# --- the bucket, which nobody reads but the distribution

resource "aws_s3_bucket" "this" {
  bucket = local.bucket_name
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "AllowCloudFrontRead"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  # With ListBucket a key that is not there is 404 and not 403, which visitors of a site should not see.
  statement {
    sid       = "AllowCloudFrontList"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.this.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.bucket.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# --- the distribution

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = local.name
  description                       = "Static assets of Meetinity"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_cache_policy" "this" {
  count = local.own_cache_policy ? 1 : 0

  name        = local.name
  comment     = "Static assets of Meetinity"
  min_ttl     = local.min_ttl
  default_ttl = local.default_ttl
  max_ttl     = local.max_ttl

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true

    headers_config {
      header_behavior = "none"
    }
    cookies_config {
      cookie_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  comment             = "Static assets of Meetinity, ${var.environment}"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2"
  price_class         = var.static_assets.price_class
  default_root_object = "index.html"
  aliases             = var.static_assets.domain_names

  origin {
    origin_id                = local.origin_id
    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  default_cache_behavior {
    target_origin_id       = local.origin_id
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD", "OPTIONS"]
    compress               = var.static_assets.compress
    cache_policy_id        = local.own_cache_policy ? aws_cloudfront_cache_policy.this[0].id : local.caching_optimized
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = local.certificate_arn == ""
    acm_certificate_arn            = local.certificate_arn == "" ? null : local.certificate_arn
    ssl_support_method             = local.certificate_arn == "" ? null : "sni-only"
    minimum_protocol_version       = local.certificate_arn == "" ? "TLSv1" : var.static_assets.minimum_protocol
  }

  dynamic "logging_config" {
    for_each = var.static_assets.logging_bucket == "" ? [] : [var.static_assets.logging_bucket]

    content {
      bucket          = endswith(logging_config.value, ".amazonaws.com") ? logging_config.value : "${logging_config.value}.s3.amazonaws.com"
      include_cookies = false
      prefix          = "cloudfront/${var.environment}"
    }
  }
}

# --- a certificate for names of one's own, when none is given

resource "aws_acm_certificate" "this" {
  count    = local.own_certificate ? 1 : 0
  provider = aws.us_east_1

  domain_name               = var.static_assets.domain_names[0]
  subject_alternative_names = slice(var.static_assets.domain_names, 1, length(var.static_assets.domain_names))
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# On AWS this waits until the records of certificate_validation_records are in the zone.
resource "aws_acm_certificate_validation" "this" {
  count    = local.own_certificate ? 1 : 0
  provider = aws.us_east_1

  certificate_arn = aws_acm_certificate.this[0].arn
}
