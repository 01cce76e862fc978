"""Policies, keys and groups as Terraform makes them: what it wrote is what it reads back."""
import shutil
import tempfile

import conftest
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from test_terraform import Terraform

RESOURCES = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
  endpoints {
    cloudfront = "%(endpoint)s"
    iam        = "%(endpoint)s"
    sts        = "%(endpoint)s"
  }
}

resource "aws_cloudfront_cache_policy" "this" {
  name        = "keyed"
  min_ttl     = 1
  default_ttl = 60
  max_ttl     = 600
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip = true
    cookies_config {
      cookie_behavior = "whitelist"
      cookies {
        items = ["session"]
      }
    }
    headers_config {
      header_behavior = "whitelist"
      headers {
        items = ["CloudFront-Viewer-Country", "Accept-Language"]
      }
    }
    query_strings_config {
      query_string_behavior = "allExcept"
      query_strings {
        items = ["utm_source"]
      }
    }
  }
}

resource "aws_cloudfront_origin_request_policy" "this" {
  name    = "forwarding"
  comment = "what the shop wants to see"
  cookies_config {
    cookie_behavior = "all"
  }
  headers_config {
    header_behavior = "whitelist"
    headers {
      items = ["Referer", "CloudFront-Viewer-Address"]
    }
  }
  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name = "answers"
  cors_config {
    access_control_allow_credentials = true
    access_control_allow_headers {
      items = ["X-Shop"]
    }
    access_control_allow_methods {
      items = ["GET", "HEAD"]
    }
    access_control_allow_origins {
      items = ["https://*.shop.example"]
    }
    access_control_expose_headers {
      items = ["X-Total"]
    }
    access_control_max_age_sec = 600
    origin_override            = true
  }
  security_headers_config {
    content_security_policy {
      content_security_policy = "default-src 'self'"
      override                = true
    }
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = false
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
    xss_protection {
      protection = true
      mode_block = true
      override   = true
    }
  }
  custom_headers_config {
    items {
      header   = "X-Site"
      value    = "shop"
      override = true
    }
  }
  remove_headers_config {
    items {
      header = "Server"
    }
  }
  server_timing_headers_config {
    enabled       = true
    sampling_rate = 50
  }
}

resource "aws_cloudfront_public_key" "this" {
  name        = "shop"
  comment     = "signs for the shop"
  encoded_key = file("${path.module}/key.pem")
}

resource "aws_cloudfront_key_group" "this" {
  name  = "shop"
  items = [aws_cloudfront_public_key.this.id]
}

resource "aws_cloudfront_distribution" "this" {
  enabled = true
  comment = "two origins"
  http_version = "http2and3"
  # The provider's first look at a deployment comes after half a minute.
  wait_for_deployment = false
  origin {
    origin_id   = "first"
    domain_name = "localhost"
    custom_origin_config {
      http_port              = 8080
      https_port             = 8443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
    custom_header {
      name  = "X-Edge-Secret"
      value = "one"
    }
  }
  origin {
    origin_id   = "second"
    domain_name = "localhost"
    custom_origin_config {
      http_port              = 8081
      https_port             = 8443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 20
    }
  }
  origin_group {
    origin_id = "both"
    failover_criteria {
      status_codes = [500, 502, 503]
    }
    member {
      origin_id = "first"
    }
    member {
      origin_id = "second"
    }
  }
  default_cache_behavior {
    target_origin_id           = "both"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = aws_cloudfront_cache_policy.this.id
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.this.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
    trusted_key_groups         = [aws_cloudfront_key_group.this.id]
  }
  ordered_cache_behavior {
    path_pattern           = "/legacy/*"
    target_origin_id       = "second"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]
    min_ttl                = 0
    default_ttl            = 60
    max_ttl                = 600
    forwarded_values {
      query_string            = true
      query_string_cache_keys = ["page"]
      headers                 = ["Origin"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["session"]
      }
    }
  }
  custom_error_response {
    error_code            = 404
    error_caching_min_ttl = 30
    response_code         = 200
    response_page_path    = "/404.html"
  }
  restrictions {
    geo_restriction {
      restriction_type = "whitelist"
      locations        = ["DE", "FR"]
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudfront_monitoring_subscription" "this" {
  distribution_id = aws_cloudfront_distribution.this.id
  monitoring_subscription {
    realtime_metrics_subscription_config {
      realtime_metrics_subscription_status = "Enabled"
    }
  }
}
"""


@pytest.fixture
def terraform():
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed; Debian has no package of it")
    directory = tempfile.mkdtemp(prefix="meetinity-test-")
    cloud = conftest.start(directory, "--no-stack", var_file=None)
    with tempfile.TemporaryDirectory(prefix="meetinity-test-") as place:
        made = Terraform(cloud, place)
        for path in [*made.directory.glob("*.tf"), made.directory / "stack.auto.tfvars.json"]:
            path.unlink()
        (made.directory / "main.tf").write_text(RESOURCES % {"endpoint": cloud.endpoint})
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        (made.directory / "key.pem").write_bytes(
            key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        made.init()
        yield made
    cloud.meetinity("down", check=False)
    shutil.rmtree(directory)


def test_policies_keys_and_groups_converge(terraform):
    terraform.apply()
    assert terraform.changes() == {}
    main = terraform.directory / "main.tf"
    main.write_text(main.read_text().replace('status = "Enabled"', 'status = "Disabled"'))
    assert list(terraform.changes()) == ["aws_cloudfront_monitoring_subscription.this"]
    terraform.apply()
    assert terraform.changes() == {}
    terraform.destroy()
