package dev.mlo.runner.http;

import java.io.IOException;
import java.nio.channels.Selector;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;

/// Looks which connections have something to read; before it does, the answers to what it found the
/// last time leave.
final class PortSelector extends ManagedSelector {
  private final Outbox outbox = new Outbox();

  PortSelector(SelectorManager manager, int id) {
    super(manager, id);
  }

  Outbox outbox() {
    return outbox;
  }

  @Override
  protected int select(Selector selector) throws IOException {
    outbox.begin();
    return super.select(selector);
  }
}
