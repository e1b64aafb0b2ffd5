package dev.mlo.runner.grpc;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A listening socket that has so many connections at once; others wait until one of them ends.
final class Listener extends NioServerSocketChannel {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  Listener(int most) {
    this.most = most;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int read = super.doReadMessages(accepted);
    for (Object one : accepted.subList(before, accepted.size())) {
      open.incrementAndGet();
      ((Channel) one).closeFuture().addListener(_ -> ended());
    }
    if (open.get() >= most) {
      config().setAutoRead(false);
      goOn();
    }
    return read;
  }

  private void ended() {
    open.decrementAndGet();
    goOn();
  }

  private void goOn() {
    if (open.get() < most && isOpen()) {
      config().setAutoRead(true);
    }
  }
}
