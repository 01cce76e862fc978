variable "environment" {
  description = "The stage; a part of names."
  type        = string
}

variable "vpc_id" {
  description = "The VPC that load balancers and targets are in."
  type        = string
}

variable "public_subnet_ids" {
  description = "Where internet-facing load balancers are placed, unless their configuration names subnets."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Where internal load balancers are placed, unless their configuration names subnets."
  type        = list(string)
}

variable "alb_config" {
  description = "The root's variable of the same name, with its defaults filled in."
  type = object({
    enabled            = bool
    name               = string
    internal           = bool
    idle_timeout       = number
    certificate_arn    = string
    subnets            = list(string)
    security_group_ids = list(string)
    http_port          = number
    https_port         = number
    health_check_path  = string
  })

  validation {
    condition     = var.alb_config.idle_timeout >= 1 && var.alb_config.idle_timeout <= 4000
    error_message = "alb_config.idle_timeout is 1 to 4000 seconds."
  }
}

variable "nlb_config" {
  description = "The root's variable of the same name, with its defaults filled in."
  type = object({
    enabled               = bool
    name                  = string
    internal              = bool
    cross_zone            = bool
    subnets               = list(string)
    tcp_port              = number
    health_check_protocol = string
    health_check_port     = string
    health_check_interval = number
    healthy_threshold     = number
    unhealthy_threshold   = number
  })

  validation {
    condition     = contains(["TCP", "HTTP", "HTTPS"], var.nlb_config.health_check_protocol)
    error_message = "nlb_config.health_check_protocol is TCP, HTTP or HTTPS."
  }
}
