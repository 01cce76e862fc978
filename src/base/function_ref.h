#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace meetinity {

// A function that is only called while its owner waits: a parameter's type where std::function would copy what it is
// given; of objects, such as lambdas. Shaped after C++26's std::function_ref. Must not outlive the callable it was made
// from.
template <class Signature>
class FunctionRef;

template <class Return, class... Arguments>
class FunctionRef<Return(Arguments...)> {
 public:
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef> &&
           !std::is_function_v<std::remove_reference_t<Callable>> &&
           std::is_invocable_r_v<Return, Callable&, Arguments...>)
      FunctionRef(Callable&& callable)  // NOLINT: implicit on purpose
      : callable_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* erased, Arguments... arguments) -> Return {
          return (*static_cast<std::remove_reference_t<Callable>*>(erased))(std::forward<Arguments>(arguments)...);
        }) {}

  Return operator()(Arguments... arguments) const { return call_(callable_, std::forward<Arguments>(arguments)...); }

 private:
  void* callable_;
  Return (*call_)(void*, Arguments...);
};

}  // namespace meetinity
