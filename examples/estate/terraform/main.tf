terraform {
  required_version = ">= 1.9"

  backend "s3" {
    bucket         = "shop-terraform-state"
    key            = "shop/terraform.tfstate"
    region         = "eu-central-1"
    encrypt        = true
    dynamodb_table = "shop-terraform-locks"
  }
}

variable "environment" {
  type    = string
  default = "prod"
}

locals {
  tags = {
    team = "shop"
    env  = var.environment
  }
}

resource "aws_kms_key" "orders" {
  description         = "Orders at rest"
  enable_key_rotation = true
  tags                = local.tags
}

resource "aws_s3_bucket" "orders" {
  bucket = "shop-${var.environment}-orders"
  tags   = local.tags
}

resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.orders.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "orders" {
  bucket = aws_s3_bucket.orders.id

  versioning_configuration {
    status = "Enabled"
  }
}
