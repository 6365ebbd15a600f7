provider "aws" {
  region = "eu-central-1"
}

resource "aws_kms_key" "cards" {
  description         = "Card data at rest"
  enable_key_rotation = true
  tags                = { data = "cards" }
}

resource "aws_kms_key" "play" {
  description         = "What is tried out"
  enable_key_rotation = true
  tags                = { env = "play" }
}

resource "aws_security_group" "edge" {
  name = "edge"
  tags = { zone = "edge", shared = "yes" }

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "app" {
  name = "app"
  tags = { zone = "app", shared = "yes" }

  ingress {
    from_port       = 8443
    to_port         = 8443
    protocol        = "tcp"
    security_groups = [aws_security_group.edge.id]
  }
}

resource "aws_security_group" "cards" {
  name = "cards"
  tags = { zone = "data", data = "cards" }

  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.app.id]
  }
}

resource "aws_db_instance" "cards" {
  identifier              = "cards"
  engine                  = "postgres"
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.cards.arn
  publicly_accessible     = false
  backup_retention_period = 35
  vpc_security_group_ids  = [aws_security_group.cards.id]
  tags                    = { zone = "data", data = "cards" }

  enabled_cloudwatch_logs_exports = ["postgresql"]
}
