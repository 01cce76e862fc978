locals {
  # Names have 32 characters at the most, and no hyphen at their end.
  alb_name = trimsuffix(substr(coalesce(var.alb_config.name, "${var.environment}-shared-alb"), 0, 32), "-")
  nlb_name = trimsuffix(substr(coalesce(var.nlb_config.name, "${var.environment}-shared-nlb"), 0, 32), "-")
  # Their target groups, which are named in a space of their own.
  alb_group_name = "${trimsuffix(substr(local.alb_name, 0, 29), "-")}-tg"
  nlb_group_name = "${trimsuffix(substr(local.nlb_name, 0, 29), "-")}-tg"

  alb_subnets = length(var.alb_config.subnets) > 0 ? var.alb_config.subnets : (
    var.alb_config.internal ? var.private_subnet_ids : var.public_subnet_ids
  )
  nlb_subnets = length(var.nlb_config.subnets) > 0 ? var.nlb_config.subnets : (
    var.nlb_config.internal ? var.private_subnet_ids : var.public_subnet_ids
  )
  https = var.alb_config.certificate_arn != ""
}

# --- the application load balancer

resource "aws_security_group" "alb" {
  count = var.alb_config.enabled ? 1 : 0

  name        = "${var.environment}-shared-alb-sg"
  description = "Who reaches the shared application load balancer"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.environment}-shared-alb-sg" }

  dynamic "ingress" {
    for_each = toset(local.https ? [var.alb_config.http_port, var.alb_config.https_port] : [var.alb_config.http_port])

    content {
      description = "Visitors"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  egress {
    description = "Targets"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "alb" {
  count = var.alb_config.enabled ? 1 : 0

  name               = local.alb_name
  load_balancer_type = "application"
  internal           = var.alb_config.internal
  subnets            = local.alb_subnets
  security_groups    = concat([aws_security_group.alb[0].id], var.alb_config.security_group_ids)
  idle_timeout       = var.alb_config.idle_timeout
}

resource "aws_lb_target_group" "alb" {
  count = var.alb_config.enabled ? 1 : 0

  name        = local.alb_group_name
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = var.vpc_id

  health_check {
    path                = var.alb_config.health_check_path
    matcher             = "200-399"
    healthy_threshold   = 3
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "http" {
  count = var.alb_config.enabled ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = var.alb_config.http_port
  protocol          = "HTTP"

  dynamic "default_action" {
    for_each = local.https ? [var.alb_config.https_port] : []

    content {
      type = "redirect"

      redirect {
        port        = tostring(default_action.value)
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }
  }

  dynamic "default_action" {
    for_each = local.https ? [] : [aws_lb_target_group.alb[0].arn]

    content {
      type             = "forward"
      target_group_arn = default_action.value
    }
  }
}

resource "aws_lb_listener" "https" {
  count = var.alb_config.enabled && local.https ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = var.alb_config.https_port
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.alb_config.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.alb[0].arn
  }
}

# --- the network load balancer

resource "aws_lb" "nlb" {
  count = var.nlb_config.enabled ? 1 : 0

  name                             = local.nlb_name
  load_balancer_type               = "network"
  internal                         = var.nlb_config.internal
  subnets                          = local.nlb_subnets
  enable_cross_zone_load_balancing = var.nlb_config.cross_zone
}

resource "aws_lb_target_group" "nlb" {
  count = var.nlb_config.enabled ? 1 : 0

  name        = local.nlb_group_name
  port        = var.nlb_config.tcp_port
  protocol    = "TCP"
  target_type = "ip"
  vpc_id      = var.vpc_id

  health_check {
    protocol            = var.nlb_config.health_check_protocol
    port                = var.nlb_config.health_check_port == "" ? "traffic-port" : var.nlb_config.health_check_port
    interval            = var.nlb_config.health_check_interval
    healthy_threshold   = var.nlb_config.healthy_threshold
    unhealthy_threshold = var.nlb_config.unhealthy_threshold
  }
}

resource "aws_lb_listener" "tcp" {
  count = var.nlb_config.enabled ? 1 : 0

  load_balancer_arn = aws_lb.nlb[0].arn
  port              = var.nlb_config.tcp_port
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nlb[0].arn
  }
}
