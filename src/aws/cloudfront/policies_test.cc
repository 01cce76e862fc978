// Policies, public keys and key groups: what they may say, and that what is in use stays.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

std::string PemOf(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &data));
  std::string pem(data, size);
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}
std::string P256Pem() { return PemOf(EVP_EC_gen("P-256")); }

class PoliciesTest : public CloudFrontTest {
 protected:
  static OriginRequestPolicyConfig Forwarding(const std::string& name) {
    OriginRequestPolicyConfig config;
    config.name = name;
    config.headers_config.header_behavior = "whitelist";
    config.headers_config.headers.emplace().items = {"Referer"};
    config.headers_config.headers->quantity = 1;
    config.cookies_config.cookie_behavior = "none";
    config.query_strings_config.query_string_behavior = "all";
    return config;
  }
  static ResponseHeadersPolicyConfig Answering(const std::string& name) {
    ResponseHeadersPolicyConfig config;
    config.name = name;
    config.custom_headers_config.emplace().items = {{.header = "X-Site", .override = true, .value = "yes"}};
    config.custom_headers_config->quantity = 1;
    return config;
  }
  std::string_view RefusalOf(const ResponseHeadersPolicyConfig& config) {
    return Refusal(cloudfront_->CreateResponseHeadersPolicy(Call(), {.response_headers_policy_config = config}));
  }
  CreatePublicKeyOutput MakeKey(const std::string& name) {
    return *cloudfront_->CreatePublicKey(
        Call(),
        {.public_key_config = {.caller_reference = name, .comment = {}, .encoded_key = P256Pem(), .name = name}});
  }
};

TEST_F(PoliciesTest, AnOriginRequestPolicyLivesItsLife) {
  const auto made = cloudfront_->CreateOriginRequestPolicy(Call(), {.origin_request_policy_config = Forwarding("a")});
  ASSERT_TRUE(made.ok()) << made.error().detail;
  const std::string id = made->origin_request_policy->id;
  EXPECT_EQ(Refusal(cloudfront_->CreateOriginRequestPolicy(Call(), {.origin_request_policy_config = Forwarding("a")})),
            kOriginRequestPolicyAlreadyExists);
  DistributionConfig config = Config("r1");
  config.default_cache_behavior.origin_request_policy_id = id;
  const auto distribution = Create(config);
  AwaitDeployed(distribution.distribution->id);
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginRequestPolicy(Call(), {.id = id, .if_match = made->e_tag})),
            kOriginRequestPolicyInUse);
  const auto users = cloudfront_->ListDistributionsByOriginRequestPolicyId(
      Call(), {.marker = {}, .max_items = {}, .origin_request_policy_id = id});
  ASSERT_TRUE(users.ok());
  EXPECT_EQ(users->distribution_id_list->items, std::vector<std::string>{distribution.distribution->id});
  const auto updated = cloudfront_->UpdateOriginRequestPolicy(
      Call(), {.id = id, .if_match = made->e_tag, .origin_request_policy_config = Forwarding("b")});
  ASSERT_TRUE(updated.ok());
  Reopen();
  EXPECT_EQ(cloudfront_->GetOriginRequestPolicyConfig(Call(), {.id = id})->origin_request_policy_config->name, "b");
  ASSERT_TRUE(Remove(distribution.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginRequestPolicy(Call(), {.id = id, .if_match = made->e_tag})),
            kPreconditionFailed);
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginRequestPolicy(Call(), {.id = id, .if_match = updated->e_tag})),
            "accepted");
  EXPECT_EQ(Refusal(cloudfront_->GetOriginRequestPolicy(Call(), {.id = id})), kNoSuchOriginRequestPolicy);
}

TEST_F(PoliciesTest, AnOriginRequestPolicyNamesWhatItLists) {
  const auto refusal = [&](auto change) {
    OriginRequestPolicyConfig config = Forwarding("a");
    change(config);
    return Refusal(cloudfront_->CreateOriginRequestPolicy(Call(), {.origin_request_policy_config = config}));
  };
  EXPECT_EQ(refusal([](auto& c) { c.headers_config.header_behavior = "some"; }), kInvalidArgument);
  EXPECT_EQ(refusal([](auto& c) { c.headers_config.headers.reset(); }), kInvalidArgument);
  EXPECT_EQ(refusal([](auto& c) { c.headers_config.headers->items->front() = "Authorization"; }), kInvalidArgument);
  EXPECT_EQ(refusal([](auto& c) { c.headers_config.headers->quantity = 2; }), kInconsistentQuantities);
  EXPECT_EQ(refusal([](auto& c) {
              c.headers_config.headers->items = std::vector<std::string>(11, "X-A");
              c.headers_config.headers->quantity = 11;
            }),
            kTooManyHeadersInOriginRequestPolicy);
  EXPECT_EQ(refusal([](auto& c) { c.name = "with blanks"; }), kInvalidArgument);
}

TEST_F(PoliciesTest, ManagedPoliciesAreThereAndStay) {
  constexpr std::string_view kAllViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
  constexpr std::string_view kSimpleCors = "60669652-455b-4ae9-85a4-c4c02393f86c";
  const auto managed = cloudfront_->GetOriginRequestPolicy(Call(), {.id = std::string(kAllViewer)});
  ASSERT_TRUE(managed.ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginRequestPolicy(
                Call(), {.id = std::string(kAllViewer), .if_match = managed->e_tag})),
            kIllegalDelete);
  EXPECT_EQ(Refusal(cloudfront_->UpdateOriginRequestPolicy(Call(), {.id = std::string(kAllViewer),
                                                                    .if_match = managed->e_tag,
                                                                    .origin_request_policy_config = Forwarding("a")})),
            kIllegalUpdate);
  const auto cors = cloudfront_->GetResponseHeadersPolicy(Call(), {.id = std::string(kSimpleCors)});
  ASSERT_TRUE(cors.ok());
  EXPECT_EQ(cors->response_headers_policy->response_headers_policy_config.name, "Managed-SimpleCORS");
  const auto listed =
      cloudfront_->ListResponseHeadersPolicies(Call(), {.marker = {}, .max_items = "2", .type = "managed"});
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed->response_headers_policy_list->quantity, 2);
  EXPECT_TRUE(listed->response_headers_policy_list->next_marker.has_value());
}

TEST_F(PoliciesTest, AResponseHeadersPolicyInUseStays) {
  const auto made =
      cloudfront_->CreateResponseHeadersPolicy(Call(), {.response_headers_policy_config = Answering("a")});
  ASSERT_TRUE(made.ok()) << made.error().detail;
  const std::string id = made->response_headers_policy->id;
  DistributionConfig config = Config("r1");
  config.default_cache_behavior.response_headers_policy_id = id;
  const auto distribution = Create(config);
  AwaitDeployed(distribution.distribution->id);
  EXPECT_EQ(Refusal(cloudfront_->DeleteResponseHeadersPolicy(Call(), {.id = id, .if_match = made->e_tag})),
            kResponseHeadersPolicyInUse);
  config = Config("r2");
  config.default_cache_behavior.response_headers_policy_id = "nobody";
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kNoSuchResponseHeadersPolicy);
}

TEST_F(PoliciesTest, AResponseHeadersPolicySaysWhatBrowsersUnderstand) {
  const auto with = [&](auto change) {
    ResponseHeadersPolicyConfig config = Answering("a");
    change(config);
    return RefusalOf(config);
  };
  EXPECT_EQ(with([](auto& c) { c.custom_headers_config->items->front().header = "X-Cache"; }), kInvalidArgument);
  EXPECT_EQ(with([](auto& c) { c.custom_headers_config->items->front().value = "a\r\nb: c"; }), kInvalidArgument);
  EXPECT_EQ(with([](auto& c) {
              c.custom_headers_config->items = std::vector(11, c.custom_headers_config->items->front());
              c.custom_headers_config->quantity = 11;
            }),
            kTooManyCustomHeadersInResponseHeadersPolicy);
  EXPECT_EQ(with([](auto& c) {
              c.security_headers_config.emplace().content_security_policy.emplace().content_security_policy =
                  std::string(1'784, 'x');
            }),
            kTooLongCspInResponseHeadersPolicy);
  EXPECT_EQ(with([](auto& c) { c.security_headers_config.emplace().frame_options.emplace().frame_option = "ALLOW"; }),
            kInvalidArgument);
  EXPECT_EQ(with([](auto& c) {
              c.cors_config = ManagedResponseHeadersPolicies().front().config.cors_config;
              c.cors_config->access_control_allow_credentials = true;
            }),
            kInvalidArgument);
  EXPECT_EQ(with([](auto& c) { c.server_timing_headers_config.emplace().sampling_rate = 101; }), kInvalidArgument);
}

TEST_F(PoliciesTest, PublicKeysAreKeysAndKeepTheirContent) {
  const auto refusal = [&](const std::string& pem) {
    return Refusal(cloudfront_->CreatePublicKey(
        Call(), {.public_key_config = {.caller_reference = "x", .comment = {}, .encoded_key = pem, .name = "x"}}));
  };
  EXPECT_EQ(refusal("not a key"), kInvalidArgument);
  EXPECT_EQ(refusal(PemOf(EVP_EC_gen("P-384"))), kInvalidArgument);
  EXPECT_EQ(refusal(PemOf(EVP_RSA_gen(1024))), kInvalidArgument);
  const auto made = MakeKey("a");
  PublicKeyConfig config = made.public_key->public_key_config;
  config.comment = "for the shop";
  const auto updated = cloudfront_->UpdatePublicKey(
      Call(), {.id = made.public_key->id, .if_match = made.e_tag, .public_key_config = config});
  ASSERT_TRUE(updated.ok()) << updated.error().detail;
  config.encoded_key = P256Pem();
  EXPECT_EQ(Refusal(cloudfront_->UpdatePublicKey(
                Call(), {.id = made.public_key->id, .if_match = updated->e_tag, .public_key_config = config})),
            kCannotChangeImmutablePublicKeyFields);
}

TEST_F(PoliciesTest, KeysAndGroupsInUseStay) {
  const auto key = MakeKey("a");
  const std::string key_id = key.public_key->id;
  EXPECT_EQ(Refusal(cloudfront_->CreateKeyGroup(
                Call(), {.key_group_config = {.comment = {}, .items = {"KNOBODY"}, .name = "g"}})),
            kInvalidArgument);
  const auto group =
      cloudfront_->CreateKeyGroup(Call(), {.key_group_config = {.comment = {}, .items = {key_id}, .name = "g"}});
  ASSERT_TRUE(group.ok()) << group.error().detail;
  const std::string group_id = group->key_group->id;
  EXPECT_EQ(Refusal(cloudfront_->DeletePublicKey(Call(), {.id = key_id, .if_match = key.e_tag})), kPublicKeyInUse);
  DistributionConfig config = Config("r1");
  config.default_cache_behavior.trusted_key_groups.emplace().enabled = true;
  config.default_cache_behavior.trusted_key_groups->items = {group_id};
  config.default_cache_behavior.trusted_key_groups->quantity = 1;
  const auto distribution = Create(config);
  AwaitDeployed(distribution.distribution->id);
  const auto& active = distribution.distribution->active_trusted_key_groups;
  ASSERT_TRUE(active && active->enabled);
  EXPECT_EQ(active->items->front().key_pair_ids->items, std::vector<std::string>{key_id});
  EXPECT_EQ(Refusal(cloudfront_->DeleteKeyGroup(Call(), {.id = group_id, .if_match = group->e_tag})), kResourceInUse);
  ASSERT_TRUE(Remove(distribution.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteKeyGroup(Call(), {.id = group_id, .if_match = group->e_tag})), "accepted");
  EXPECT_EQ(Refusal(cloudfront_->DeletePublicKey(Call(), {.id = key_id, .if_match = key.e_tag})), "accepted");
  config.caller_reference = "r2";
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kTrustedKeyGroupDoesNotExist);
}

}  // namespace
}  // namespace meetinity::cloudfront
