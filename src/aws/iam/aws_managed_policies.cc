#include "aws/iam/aws_managed_policies.h"

#include <fmt/format.h>

#include "base/text.h"

namespace meetinity::iam {
namespace {

constexpr AwsManagedPolicy kPolicies[] = {
    {"/", "AdministratorAccess", "ANPAMEETINITYADMIN001", "Every action on every resource.",
     R"({
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
})"},
    {"/", "ReadOnlyAccess", "ANPAMEETINITYREADS001", "Reading, listing and describing in every service.",
     R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "acm:Describe*", "acm:Get*", "acm:List*",
        "apigateway:GET",
        "backup:Describe*", "backup:Get*", "backup:List*",
        "budgets:Describe*", "budgets:List*", "budgets:View*",
        "ce:Describe*", "ce:Get*", "ce:List*",
        "cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*",
        "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*",
        "ec2:Describe*", "ec2:Get*",
        "eks:Describe*", "eks:List*",
        "elasticloadbalancing:Describe*",
        "iam:Get*", "iam:List*",
        "kms:Describe*", "kms:Get*", "kms:List*",
        "logs:Describe*", "logs:FilterLogEvents", "logs:Get*", "logs:List*",
        "rds:Describe*", "rds:List*",
        "redshift:Describe*", "redshift:List*",
        "route53:Get*", "route53:List*",
        "s3:Get*", "s3:List*",
        "secretsmanager:Describe*", "secretsmanager:GetResourcePolicy", "secretsmanager:List*",
        "ses:Describe*", "ses:Get*", "ses:List*",
        "sns:Get*", "sns:List*",
        "sts:GetAccessKeyInfo", "sts:GetCallerIdentity"
      ],
      "Resource": "*"
    }
  ]
})"},
    {"/service-role/", "AWSBackupServiceRolePolicyForBackup", "ANPAMEETINITYBACKUP01",
     "What AWS Backup needs to make recovery points.",
     R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ClusterSnapshots",
      "Effect": "Allow",
      "Action": [
        "rds:AddTagsToResource", "rds:CopyDBClusterSnapshot", "rds:CopyDBSnapshot", "rds:CreateDBClusterSnapshot",
        "rds:CreateDBSnapshot", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBSnapshot",
        "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots", "rds:ListTagsForResource", "rds:ModifyDBClusterSnapshotAttribute",
        "rds:ModifyDBInstance", "rds:ModifyDBSnapshotAttribute"
      ],
      "Resource": "*"
    },
    {
      "Sid": "WarehouseSnapshots",
      "Effect": "Allow",
      "Action": [
        "redshift:CreateClusterSnapshot", "redshift:CreateTags", "redshift:DeleteClusterSnapshot",
        "redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", "redshift:DescribeTags"
      ],
      "Resource": "*"
    },
    {
      "Sid": "RecoveryPoints",
      "Effect": "Allow",
      "Action": ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
      "Resource": "arn:aws:backup:*:*:backup-vault:*"
    },
    {"Sid": "FindByTag", "Effect": "Allow", "Action": "tag:GetResources", "Resource": "*"},
    {"Sid": "Keys", "Effect": "Allow", "Action": ["kms:CreateGrant", "kms:DescribeKey"], "Resource": "*"}
  ]
})"},
    {"/service-role/", "AWSBackupServiceRolePolicyForRestores", "ANPAMEETINITYRESTORE1",
     "What AWS Backup needs to restore from recovery points.",
     R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RestoreClusters",
      "Effect": "Allow",
      "Action": [
        "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:DeleteDBInstance", "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource",
        "rds:RestoreDBClusterFromSnapshot", "rds:RestoreDBClusterToPointInTime", "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime"
      ],
      "Resource": "*"
    },
    {
      "Sid": "RestoreWarehouses",
      "Effect": "Allow",
      "Action": [
        "redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", "redshift:RestoreFromClusterSnapshot",
        "redshift:RestoreTableFromClusterSnapshot"
      ],
      "Resource": "*"
    },
    {"Sid": "Keys", "Effect": "Allow", "Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
  ]
})"},
};

// None of them has changed since this cloud began.
constexpr Instant kCreated = Instant::FromUnixSeconds(1'704'067'200);

}  // namespace

std::string AwsManagedPolicy::Arn() const { return fmt::format("arn:aws:iam::aws:policy{}{}", path, name); }

std::span<const AwsManagedPolicy> AwsManagedPolicies() { return kPolicies; }

const AwsManagedPolicy* FindAwsManagedPolicy(std::string_view arn) {
  if (!IsAwsManaged(arn)) return nullptr;
  for (const AwsManagedPolicy& policy : kPolicies) {
    if (policy.Arn() == arn) return &policy;
  }
  return nullptr;
}

PolicyRecord ToRecord(const AwsManagedPolicy& policy) {
  PolicyRecord record;
  record.arn = policy.Arn();
  record.id = policy.id;
  record.name = policy.name;
  record.name_key = ToLower(policy.name);
  record.path = policy.path;
  record.created = record.updated = kCreated;
  record.description = std::string(policy.description);
  return record;
}

}  // namespace meetinity::iam
