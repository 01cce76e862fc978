#include "aws/elbv2/testing_elbv2.h"

#include "aws/acm_model.h"
#include "aws/ec2_model.h"

namespace meetinity::elbv2 {

void Elbv2Test::Open() {
  std::vector<store::Migration> all = Elbv2::Migrations();
  for (const auto& others : {acm::Acm::Migrations(), ec2::Ec2::Migrations()}) {
    all.insert(all.end(), others.begin(), others.end());
  }
  std::filesystem::create_directories(directory_);
  database_ = store::Database::Open(directory_ / "state.db", std::move(all)).value();
  sealer_ = store::Sealer::Open(directory_ / "sealing.key").value();
  authority_ = ca::CertificateAuthority::Open(directory_, clock_).value();
  acm_ = std::make_unique<acm::Acm>(*database_, *sealer_, *authority_, clock_);
  ec2_ = std::make_unique<ec2::Ec2>(*database_, clock_, ec2::Ec2Options{});
  elbv2_ = std::make_unique<Elbv2>(*database_, *ec2_, *acm_, data_plane_, clock_, Elbv2Options{});
  elbv2_->OnPublish([this](const Published& published) { published_ = published; });
  ec2_->OnRulesChanged([this](const std::vector<std::string>&) { EXPECT_TRUE(elbv2_->Republish().ok()); });
  ASSERT_TRUE(elbv2_->Restore(Doorway{{"127.0.0.1"}, 8080, 8443}).ok());
}

void Elbv2Test::Close() {
  elbv2_.reset();
  ec2_.reset();
  acm_.reset();
  authority_.reset();
  sealer_.reset();
  database_.reset();
}

std::string Elbv2Test::MakeVpc(const std::string& cidr) {
  ec2::CreateVpcInput in;
  in.cidr_block = cidr;
  return *ec2_->CreateVpc(Call(), in)->vpc->vpc_id;
}

std::string Elbv2Test::MakeSubnet(const std::string& vpc, const std::string& cidr, const std::string& zone) {
  ec2::CreateSubnetInput in;
  in.vpc_id = vpc;
  in.cidr_block = cidr;
  in.availability_zone = zone;
  return *ec2_->CreateSubnet(Call(), in)->subnet->subnet_id;
}

std::string Elbv2Test::MakeGroup(const std::string& vpc, const std::string& name) {
  ec2::CreateSecurityGroupInput in;
  in.vpc_id = vpc;
  in.group_name = name;
  in.description = "for a test";
  return *ec2_->CreateSecurityGroup(Call(), in)->group_id;
}

void Elbv2Test::Admit(const std::string& group, int32_t port, const std::string& cidr) {
  ec2::IpPermission permission;
  permission.ip_protocol = "tcp";
  permission.from_port = port;
  permission.to_port = port;
  permission.ip_ranges = std::vector{ec2::IpRange{cidr, {}}};
  ec2::AuthorizeSecurityGroupIngressInput in;
  in.group_id = group;
  in.ip_permissions = std::vector{permission};
  ASSERT_TRUE(ec2_->AuthorizeSecurityGroupIngress(Call(), in).ok());
}

std::string Elbv2Test::Certificate(const std::string& name) {
  acm::RequestCertificateInput in;
  in.domain_name = name;
  in.key_algorithm = "EC_prime256v1";
  return *acm_->RequestCertificate(Call(), in)->certificate_arn;
}

}  // namespace meetinity::elbv2
