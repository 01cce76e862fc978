locals {
  tags = merge(var.tags, {
    Environment = var.environment
    Project     = "meetinity"
  })
}

module "static_assets" {
  source = "./modules/static_assets"
  count  = var.static_assets.enabled ? 1 : 0

  environment   = var.environment
  static_assets = var.static_assets

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "network" {
  source = "./modules/network"
  count  = var.network.enabled ? 1 : 0

  name        = coalesce(var.network.name, "meetinity-${var.environment}")
  cidr        = var.network.cidr
  azs         = var.network.azs
  nat_gateway = var.network.nat_gateway
}

module "load_balancers" {
  source = "./modules/load_balancers"
  count  = var.alb_config.enabled || var.nlb_config.enabled ? 1 : 0

  environment        = var.environment
  vpc_id             = one(module.network[*].vpc_id)
  public_subnet_ids  = flatten(module.network[*].public_subnet_ids)
  private_subnet_ids = flatten(module.network[*].private_subnet_ids)
  alb_config         = var.alb_config
  nlb_config         = var.nlb_config
}
