package dev.mlo.cli.deploy;

import dev.mlo.contract.ModelCard;
import java.util.OptionalLong;

/// What serving and testing tell while they work.
public interface ServeLog {
  /// The layers of an image are laid out, unless they are already.
  void unpacking(String image);

  /// The Docker Engine lacks an image and is given it, under a name.
  void loading(String image, String name);

  /// The runner is started and answers its examples before it takes requests.
  void starting(ModelCard card);

  /// The runner was stopped and has ended.
  ///
  /// @param answered inference requests since it started; empty when it did not say
  void stopped(OptionalLong answered);

  /// An example was answered.
  void answered(String example, boolean passed, double millis);
}
