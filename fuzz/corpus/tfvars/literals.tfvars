a = <<-EOT
   x $${y}
  EOT
b = { "k": [1, -2.5e3, null,] /* c */ }
