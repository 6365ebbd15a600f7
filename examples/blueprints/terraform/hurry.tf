# What was added in a hurry.

resource "aws_security_group" "reporting" {
  name = "reporting"
  tags = { zone = "data", data = "cards" }

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["203.0.113.0/24"]
  }
}

resource "aws_db_instance" "reporting" {
  identifier              = "reporting"
  engine                  = "postgres"
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.play.arn
  publicly_accessible     = false
  backup_retention_period = 1
  vpc_security_group_ids  = [aws_security_group.reporting.id]
  tags                    = { zone = "data", data = "cards" }
}
