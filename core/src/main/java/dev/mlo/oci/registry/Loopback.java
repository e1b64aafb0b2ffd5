package dev.mlo.oci.registry;

import java.util.Locale;
import java.util.regex.Pattern;

/// Hosts that never leave this machine, by their name: nothing is looked up, so that nobody's name
/// server decides what is sent in the clear.
final class Loopback {
  private static final Pattern NAMES =
      Pattern.compile("(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])(?::[0-9]{1,5})?");

  private Loopback() {}

  /// @param host with or without a port; IPv6 in brackets
  static boolean is(String host) {
    return NAMES.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }
}
