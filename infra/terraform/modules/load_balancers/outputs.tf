output "alb_dns_name" {
  description = "The application load balancer's name; a record may point at it."
  value       = one(aws_lb.alb[*].dns_name)
}

output "nlb_dns_name" {
  description = "The network load balancer's name; a record may point at it."
  value       = one(aws_lb.nlb[*].dns_name)
}

output "alb_target_group_arn" {
  description = "What targets of the application load balancer are registered with."
  value       = one(aws_lb_target_group.alb[*].arn)
}

output "nlb_target_group_arn" {
  description = "What targets of the network load balancer are registered with."
  value       = one(aws_lb_target_group.nlb[*].arn)
}

output "alb_security_group_id" {
  description = "The group whose ingress rules decide who reaches the application load balancer."
  value       = one(aws_security_group.alb[*].id)
}
