# The stack on one machine: `make up` applies this file. Every variable may be left out; what is written here are the
# values that a newcomer is likely to change first.

environment = "local"

tags = {
  Owner = "platform"
}

static_assets = {
  enabled     = true
  bucket_name = "meetinity-local-static-assets"

  # Names of your own, besides the distribution's. Those under .localhost resolve on this machine as they are; others
  # need a record with whoever serves your DNS. The local certificate authority issues the certificate, unless
  # acm_certificate_arn names one.
  domain_names = ["assets.meetinity.localhost"]

  price_class      = "PriceClass_100"
  compress         = true
  minimum_protocol = "TLSv1.2_2021"
}

# A VPC with a public and a private subnet in each zone, for what is placed in a network.
network = {
  enabled     = false
  cidr        = "10.0.0.0/16"
  azs         = 3
  nat_gateway = "single" # or "per-az" or "none"
}
