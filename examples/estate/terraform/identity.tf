data "aws_iam_policy_document" "order_reader_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE"]
    }

    condition {
      test     = "StringEquals"
      variable = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub"
      values   = ["system:serviceaccount:shop:order-reader"]
    }
  }
}

resource "aws_iam_role" "order_reader" {
  name               = "order-reader"
  assume_role_policy = data.aws_iam_policy_document.order_reader_trust.json
  tags               = local.tags
}

data "aws_iam_policy_document" "read_orders" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.orders.arn}/*"]
  }
}

resource "aws_iam_role_policy" "read_orders" {
  role   = aws_iam_role.order_reader.id
  policy = data.aws_iam_policy_document.read_orders.json
}
