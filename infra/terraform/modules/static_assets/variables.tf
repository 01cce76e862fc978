variable "environment" {
  description = "The stage; a part of names."
  type        = string
}

variable "static_assets" {
  description = "The root's variable of the same name, with its defaults filled in."
  type = object({
    enabled             = bool
    bucket_name         = string
    domain_names        = list(string)
    price_class         = string
    default_ttl_seconds = number
    max_ttl_seconds     = number
    min_ttl_seconds     = number
    compress            = bool
    acm_certificate_arn = string
    logging_bucket      = string
    minimum_protocol    = string
  })

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.static_assets.price_class)
    error_message = "static_assets.price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}
