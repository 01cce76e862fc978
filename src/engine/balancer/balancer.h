#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/balancer/access_record.h"
#include "engine/balancer/configuration.h"
#include "engine/balancer/counters.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::balancer {

enum class TargetState : uint8_t {
  kUnused,   // no listener leads to its group, or it is of a zone that gets nothing; not checked
  kInitial,  // the first check is under way
  kHealthy,
  kUnhealthy,
  kDraining,
};

// Why a target is in its state; the words are the caller's to choose.
enum class HealthReason : uint8_t {
  kNone,                  // healthy
  kInitialChecking,       // not checked yet
  kResponseCodeMismatch,  // `status` says what came
  kTimeout,
  kFailedChecks,       // refused, reset, no HTTP, TLS failed
  kNotInUse,           // see kUnused
  kDeregistration,     // draining
  kChecksAreDisabled,  // kHealthy without having been asked
};

struct TargetHealth {
  TargetState state = TargetState::kUnused;
  HealthReason reason = HealthReason::kNotInUse;
  int status = 0;  // for kResponseCodeMismatch
  auto operator<=>(const TargetHealth&) const = default;
};

// Told what happens, on reactor threads, from several at once; must not block and must outlive the balancer.
// Nothing is told twice; of health only changes are told, beginning with a target's first state.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnHealthChanged(std::string_view group_id, std::string_view target_id, const TargetHealth& health) = 0;
  // A draining target has nothing under way any more, or its deregistration delay is over: it may leave the
  // configuration.
  virtual void OnDrained(std::string_view group_id, std::string_view target_id) = 0;
  // Of load balancers that log access only.
  virtual void OnRequest(const AccessRecord&) {}
  virtual void OnFlow(const FlowRecord&) {}
};

inline constexpr std::string_view kListenerFailed = "ListenerFailed";        // its address or port cannot be had
inline constexpr std::string_view kCertificateFailed = "CertificateFailed";  // a certificate or key cannot be used

// A listener that does not work as configured, and why.
struct ListenerProblem {
  std::string listener_id;
  Error error;
};

// Load balancers of two kinds on a set of reactors: proxies of HTTP (application), of TCP and UDP (network).
//
// Each reactor serves the connections that it accepted, with a snapshot of the configuration of its own and without a
// lock. What reactors share of a target, its health and its requests under way, is atomic.
//
// The reactors must run when it is destroyed or be stopped for good. Stop comes first where connections are to end in
// an orderly manner.
class Balancer {
 public:
  Balancer(std::vector<net::Reactor*> reactors, net::WorkerPool& workers, Observer& observer);
  ~Balancer();

  // Makes `next` what new requests and connections see; those under way keep what they began with, and no connection
  // is closed but of listeners that are gone, whose requests are finished first. Listeners that cannot be opened are
  // reported, and tried again every second for as long as they are configured. Calls `adopted`, when given, once every
  // reactor has it. An older number than the newest is ignored. Thread-safe; not from within an Observer.
  std::vector<ListenerProblem> Apply(ConfigurationPtr next, std::function<void()> adopted = nullptr);

  // Listeners that do not work at the moment. Thread-safe.
  std::vector<ListenerProblem> problems() const;

  // Who answers for an HTTP or HTTPS listener when another server accepted the connection. Lives as long as the
  // balancer; answers 503 while no listener of that id is configured. Thread-safe.
  net::HttpHandler& HandlerFor(const std::string& listener_id);

  // The port that a listener's binding got, where port 0 let the system choose; 0 when it is not open. Thread-safe.
  uint16_t PortOf(std::string_view listener_id, size_t binding = 0) const;

  // Takes nothing new, lets requests under way finish, ends what is left after `grace` and calls `stopped`.
  void Stop(Duration grace, std::function<void()> stopped);

  // Thread-safe. Zero and kUnused for what is not configured.
  TargetHealth HealthOf(std::string_view group_id, std::string_view target_id) const;
  TargetTotals TotalsOf(std::string_view group_id, std::string_view target_id) const;
  BalancerTotals TotalsOf(std::string_view load_balancer_id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meetinity::balancer
