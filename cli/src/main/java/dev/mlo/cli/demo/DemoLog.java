package dev.mlo.cli.demo;

import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.contract.Serving;
import dev.mlo.oci.Digest;
import java.net.URI;

/// The story, as it happens.
public interface DemoLog {
  void built(ImageBuild.Result result);

  void tested(String image, int examples);

  void promoted(String image, String environment, Digest digest);

  void serving(String image, URI url);

  /// So many clients begin to ask.
  void asking(int clients);

  void swapped(int number, int of, SwapOutcome outcome);

  /// A bad model was turned away.
  void refused(String image, String why);

  void rolledBack(Serving now, double millis);
}
