package dev.mlo.cli.docker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Conversations with the engine that must come to their end. An interruption would close the
/// socket in the middle of one: the engine would go on to make a container that nobody knows, or
/// one would not be removed. So a thread of its own has the conversation, and the interruption
/// waits.
final class Uninterrupted {
  private Uninterrupted() {}

  @FunctionalInterface
  interface Conversation<T> {
    T have() throws IOException;
  }

  /// @return what the conversation came to; the thread is still interrupted if it was
  static <T> T call(Conversation<T> conversation) throws IOException {
    var end = new CompletableFuture<T>();
    Thread.ofPlatform()
        .name("mlo-container")
        .start(() -> {
          try {
            end.complete(conversation.have());
          } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
          }
        });
    try {
      return end.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException known -> throw known;
        case RuntimeException unexpected -> throw unexpected;
        case null, default -> throw e;
      }
    }
  }
}
