variable "environment" {
  description = "The stage that this stack is: a part of names and the tag Environment."
  type        = string
  default     = "local"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.environment))
    error_message = "environment is 2 to 32 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "aws_region" {
  description = "The region of everything that has one."
  type        = string
  default     = "eu-west-1"
}

variable "endpoint" {
  description = "Where a Meetinity cloud answers, such as http://127.0.0.1:4566. Empty: AWS."
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags on everything, besides Environment and Project."
  type        = map(string)
  default     = {}
}

variable "static_assets" {
  description = "The static assets CDN: a private bucket behind a CloudFront distribution."
  type = object({
    enabled             = optional(bool, true)
    bucket_name         = optional(string, "")
    domain_names        = optional(list(string), [])
    price_class         = optional(string, "PriceClass_100")
    default_ttl_seconds = optional(number)
    max_ttl_seconds     = optional(number)
    min_ttl_seconds     = optional(number)
    compress            = optional(bool, true)
    acm_certificate_arn = optional(string, "")
    logging_bucket      = optional(string, "")
    minimum_protocol    = optional(string, "TLSv1.2_2021")
  })
  default = {}
}

variable "network" {
  description = "The network that load balancers, databases and workloads are placed in: a VPC with a public and a private subnet in each zone."
  type = object({
    enabled     = optional(bool, false)
    name        = optional(string, "")
    cidr        = optional(string, "10.0.0.0/16")
    azs         = optional(number, 3)
    nat_gateway = optional(string, "single")
  })
  default = {}
}

variable "alb_config" {
  description = "The shared application load balancer. With a certificate HTTP redirects to HTTPS; without one HTTP forwards. Needs the network."
  type = object({
    enabled            = optional(bool, false)
    name               = optional(string, "")
    internal           = optional(bool, false)
    idle_timeout       = optional(number, 60)
    certificate_arn    = optional(string, "")
    subnets            = optional(list(string), [])
    security_group_ids = optional(list(string), [])
    http_port          = optional(number, 80)
    https_port         = optional(number, 443)
    health_check_path  = optional(string, "/healthz")
  })
  default = {}
}

variable "nlb_config" {
  description = "The shared network load balancer, for gRPC, MQTT and the like. Needs the network."
  type = object({
    enabled               = optional(bool, false)
    name                  = optional(string, "")
    internal              = optional(bool, true)
    cross_zone            = optional(bool, true)
    subnets               = optional(list(string), [])
    tcp_port              = optional(number, 443)
    health_check_protocol = optional(string, "TCP")
    health_check_port     = optional(string, "")
    health_check_interval = optional(number, 30)
    healthy_threshold     = optional(number, 3)
    unhealthy_threshold   = optional(number, 3)
  })
  default = {}
}
