#include "engine/edge/signed_access.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "engine/edge/signed_policy.h"

namespace meetinity::edge {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::string_view kUrl = "https://d1.cloudfront.localhost/a.jpg?x=1";
constexpr int64_t kNowSeconds = 1'700'000'000;

// A viewer who holds a private key.
class Signer {
 public:
  explicit Signer(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {}

  std::string Pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_.get());
    char* data = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &data));
    std::string pem(data, size);
    BIO_free(bio);
    return pem;
  }
  std::string Sign(std::string_view message, const EVP_MD* digest = EVP_sha1()) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(512, '\0');
    size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get());
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return ToUrlBase64(signature);
  }
  static std::string ToUrlBase64(std::string_view bytes) {
    std::string text = Base64Encode(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '=', '_');
    std::replace(text.begin(), text.end(), '/', '~');
    return text;
  }

 private:
  KeyPtr key_;
};

class SignedAccess : public ::testing::Test {
 protected:
  SignedAccess() { keys_.emplace("K1", VerifyingKey::Parse(signer_.Pem()).value()); }

  AccessVerdict Check(const AccessClaim& claim, std::string_view peer = "192.0.2.7") const {
    return CheckAccess(
        {.claim = claim, .url = kUrl, .peer_address = peer, .now = Instant::FromUnixSeconds(kNowSeconds)}, keys_);
  }
  AccessVerdict CheckCustom(std::string_view policy, std::string_view peer = "192.0.2.7") const {
    const std::string encoded = Signer::ToUrlBase64(policy), signature = signer_.Sign(policy);
    return Check({.key_pair_id = "K1", .signature = signature, .policy = encoded, .expires = {}, .hash_algorithm = {}},
                 peer);
  }

  const Signer signer_{EVP_RSA_gen(2048)};
  TrustedKeys keys_;
};

TEST_F(SignedAccess, ACannedPolicyHoldsUntilItExpires) {
  const std::string good = signer_.Sign(CannedPolicy(kUrl, kNowSeconds + 1));
  AccessClaim claim{
      .key_pair_id = "K1", .signature = good, .policy = {}, .expires = "1700000001", .hash_algorithm = {}};
  EXPECT_EQ(Check(claim), AccessVerdict::kGranted);
  claim.expires = "1700000002";  // not what was signed
  EXPECT_EQ(Check(claim), AccessVerdict::kDenied);
  const std::string expired = signer_.Sign(CannedPolicy(kUrl, kNowSeconds));
  claim.signature = expired;
  claim.expires = "1700000000";
  EXPECT_EQ(Check(claim), AccessVerdict::kDenied);
  const std::string elsewhere = signer_.Sign(CannedPolicy("https://d1.cloudfront.localhost/b.jpg", kNowSeconds + 1));
  claim.signature = elsewhere;
  claim.expires = "1700000001";
  EXPECT_EQ(Check(claim), AccessVerdict::kDenied);
}

TEST_F(SignedAccess, SaysWhatIsMissingOrBroken) {
  const std::string good = signer_.Sign(CannedPolicy(kUrl, kNowSeconds + 1));
  AccessClaim claim{.key_pair_id = {}, .signature = good, .policy = {}, .expires = "1700000001", .hash_algorithm = {}};
  EXPECT_EQ(Check(claim), AccessVerdict::kMissingKey);
  claim.key_pair_id = "K2";
  EXPECT_EQ(Check(claim), AccessVerdict::kUnknownKey);
  claim.key_pair_id = "K1";
  claim.signature = "!!";
  EXPECT_EQ(Check(claim), AccessVerdict::kMalformedSignature);
  claim.signature = good;
  claim.expires = "soon";
  EXPECT_EQ(Check(claim), AccessVerdict::kMalformedPolicy);
  claim.expires = "1700000001";
  claim.hash_algorithm = "MD5";
  EXPECT_EQ(Check(claim), AccessVerdict::kMalformedSignature);
}

TEST_F(SignedAccess, ACustomPolicySaysWhereWhenAndFromWhere) {
  const auto with = [&](std::string_view resource, std::string_view conditions, std::string_view peer = "192.0.2.7") {
    return CheckCustom(std::string(R"({"Statement":[{"Resource":")")
                           .append(resource)
                           .append(R"(","Condition":{"DateLessThan":{"AWS:EpochTime":1700000001})")
                           .append(conditions)
                           .append("}}]}"),
                       peer);
  };
  EXPECT_EQ(with("http*://d1.*/?.jpg*", ""), AccessVerdict::kGranted);
  EXPECT_EQ(with("https://d2.*", ""), AccessVerdict::kDenied);
  EXPECT_EQ(with("*", R"(,"DateGreaterThan":{"AWS:EpochTime":1699999999})"), AccessVerdict::kGranted);
  EXPECT_EQ(with("*", R"(,"DateGreaterThan":{"AWS:EpochTime":1700000000})"), AccessVerdict::kDenied);
  EXPECT_EQ(with("*", R"(,"IpAddress":{"AWS:SourceIp":"192.0.2.0/29"})"), AccessVerdict::kGranted);
  EXPECT_EQ(with("*", R"(,"IpAddress":{"AWS:SourceIp":"192.0.2.0/29"})", "192.0.2.8"), AccessVerdict::kDenied);
  EXPECT_EQ(with("*", R"(,"IpAddress":{"AWS:SourceIp":"2001:db8::/33"})", "2001:db8:8000::1"), AccessVerdict::kDenied);
  EXPECT_EQ(with("*", R"(,"IpAddress":{"AWS:SourceIp":"2001:db8::/33"})", "2001:db8:7fff::1"), AccessVerdict::kGranted);
  EXPECT_EQ(with("*", R"(,"Moon":{"AWS:Phase":"full"})"), AccessVerdict::kMalformedPolicy);
}

TEST_F(SignedAccess, APolicyThatNobodySignedIsNotRead) {
  const std::string policy = Signer::ToUrlBase64("{");
  const std::string other = signer_.Sign("something else");
  EXPECT_EQ(Check({.key_pair_id = "K1", .signature = other, .policy = policy, .expires = {}, .hash_algorithm = {}}),
            AccessVerdict::kDenied);
  EXPECT_EQ(CheckCustom("{"), AccessVerdict::kMalformedPolicy);
  EXPECT_EQ(CheckCustom(R"({"Statement":[]})"), AccessVerdict::kMalformedPolicy);
  EXPECT_EQ(CheckCustom(R"({"Statement":[{"Resource":"*"}]})"), AccessVerdict::kMalformedPolicy);
}

TEST_F(SignedAccess, KnowsEcdsaAndSha256) {
  const Signer ecdsa(EVP_EC_gen("P-256"));
  keys_.emplace("K2", VerifyingKey::Parse(ecdsa.Pem()).value());
  const std::string message = CannedPolicy(kUrl, kNowSeconds + 1);
  const std::string sha1 = ecdsa.Sign(message), sha256 = ecdsa.Sign(message, EVP_sha256());
  AccessClaim claim{
      .key_pair_id = "K2", .signature = sha1, .policy = {}, .expires = "1700000001", .hash_algorithm = {}};
  EXPECT_EQ(Check(claim), AccessVerdict::kGranted);
  claim.hash_algorithm = "SHA256";
  EXPECT_EQ(Check(claim), AccessVerdict::kDenied);
  claim.signature = sha256;
  EXPECT_EQ(Check(claim), AccessVerdict::kGranted);
}

TEST(AccessClaim, IsReadFromTheQueryAndLeavesTheRest) {
  std::string rest;
  const AccessClaim claim = ReadQueryClaim("a=1&Expires=5&b=2&Signature=s=&Key-Pair-Id=K&c", rest);
  EXPECT_EQ(rest, "a=1&b=2&c");
  EXPECT_EQ(claim.expires, "5");
  EXPECT_EQ(claim.signature, "s=");
  EXPECT_EQ(claim.key_pair_id, "K");
  EXPECT_TRUE(claim.policy.empty());
}

TEST(AccessClaim, IsReadFromCookies) {
  const std::array<net::HeaderView, 2> headers = {
      {{"cookie", "session=1; CloudFront-Policy=p_; CloudFront-Other=x"}, {"cookie", "CloudFront-Key-Pair-Id=K"}}};
  const AccessClaim claim = ReadCookieClaim(headers);
  EXPECT_EQ(claim.policy, "p_");
  EXPECT_EQ(claim.key_pair_id, "K");
  EXPECT_TRUE(IsAccessCookie("CloudFront-Signature"));
  EXPECT_FALSE(IsAccessCookie("CloudFront-Other"));
  EXPECT_FALSE(IsAccessCookie("Signature"));
}

TEST(AddressBlock, RefusesWhatIsNone) {
  for (const char* text : {"", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "::/129", "host/8"}) {
    EXPECT_FALSE(AddressBlock::Parse(text).ok()) << text;
  }
  EXPECT_TRUE(AddressBlock::Parse("0.0.0.0/0")->Contains("203.0.113.9"));
  EXPECT_FALSE(AddressBlock::Parse("0.0.0.0/0")->Contains("not an address"));
}

}  // namespace
}  // namespace meetinity::edge
