variable "name" {
  description = "What everything here is called: the tag Name, with what it is behind it."
  type        = string
}

variable "cidr" {
  description = "The VPC's IPv4 block, /16 to /22, which public and private subnets share."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && contains(range(16, 23), try(tonumber(split("/", var.cidr)[1]), 0))
    error_message = "cidr is an IPv4 block of /16 to /22, such as 10.0.0.0/16."
  }
}

variable "azs" {
  description = "In how many availability zones there are subnets: a public and a private one in each."
  type        = number
  default     = 3

  validation {
    condition     = contains([1, 2, 3], var.azs)
    error_message = "azs is 1, 2 or 3."
  }
}

variable "nat_gateway" {
  description = "How private subnets reach the Internet: one gateway for all (single), one in each zone (per-az), or not at all (none)."
  type        = string
  default     = "single"

  validation {
    condition     = contains(["single", "per-az", "none"], var.nat_gateway)
    error_message = "nat_gateway is single, per-az or none."
  }
}

variable "tags" {
  description = "Tags on everything, besides Name and the provider's."
  type        = map(string)
  default     = {}
}
