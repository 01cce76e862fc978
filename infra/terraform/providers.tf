# With an endpoint every call goes to a Meetinity cloud on one machine; without one, to AWS.
locals {
  endpoint = var.endpoint == "" ? null : var.endpoint
}

provider "aws" {
  region            = var.aws_region
  s3_use_path_style = local.endpoint != null

  endpoints {
    acm        = local.endpoint
    cloudfront = local.endpoint
    ec2        = local.endpoint
    elbv2      = local.endpoint
    iam        = local.endpoint
    route53    = local.endpoint
    s3         = local.endpoint
    sts        = local.endpoint
  }

  default_tags {
    tags = local.tags
  }
}

# CloudFront takes certificates from this region alone.
provider "aws" {
  alias             = "us_east_1"
  region            = "us-east-1"
  s3_use_path_style = local.endpoint != null

  endpoints {
    acm = local.endpoint
    iam = local.endpoint
    sts = local.endpoint
  }

  default_tags {
    tags = local.tags
  }
}
