package dev.mlo.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Changes to a file of nested protobuf messages: bytes in the place of others, and the length of
/// every message around them.
public final class Patch {
  /// A message's place in the file.
  ///
  /// @param lengthAt where its length is written
  /// @param start where it begins, after its length
  record Message(long lengthAt, long start, long end) {
    long length() {
      return end - start;
    }
  }

  /// @param around the messages the change is in, the outermost first
  /// @param length how many bytes of the file go
  /// @param with what comes in their place
  record Edit(List<Message> around, long at, long length, WireWriter with) {
    long growth() {
      return with.length() - length;
    }
  }

  /// Changes nothing.
  static final Patch NONE = new Patch(List.of());

  private final List<Edit> edits;

  /// @param edits apart from each other; those at one place stay in their order
  Patch(List<Edit> edits) {
    this.edits = List.copyOf(edits);
  }

  /// Whether the file stays as it is.
  public boolean isEmpty() {
    return edits.isEmpty();
  }

  /// How long the changed file is, in bytes.
  ///
  /// @param file the one that was read
  public long length(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.size() + withLengths().stream().mapToLong(Edit::growth).sum();
    }
  }

  /// Puts the changed file into a buffer that has exactly its length left.
  ///
  /// @param file the one that was read
  public void apply(Path file, ByteBuffer into) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      for (Edit edit : withLengths()) {
        copy(channel, edit.at, into);
        into.put(edit.with.bytes());
        channel.position(edit.at + edit.length);
      }
      copy(channel, channel.size(), into);
    }
  }

  private static void copy(FileChannel from, long end, ByteBuffer into) throws IOException {
    ByteBuffer part = into.slice(into.position(), Math.toIntExact(end - from.position()));
    while (part.hasRemaining()) {
      if (from.read(part) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    into.position(into.position() + part.limit());
  }

  /// The changes with those of the lengths, in the order of the file.
  private List<Edit> withLengths() {
    var growth = new HashMap<Message, Long>();
    edits.forEach(edit -> grow(growth, edit.around, edit));
    var all = new ArrayList<>(edits);
    // The innermost first: how long a length is written counts for the messages around it.
    around().entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> -entry.getValue().size()))
        .forEach(entry -> {
          Message message = entry.getKey();
          WireWriter length =
              new WireWriter().varint(message.length() + growth.getOrDefault(message, 0L));
          var edit =
              new Edit(
                  entry.getValue(), message.lengthAt, message.start - message.lengthAt, length);
          all.add(edit);
          grow(growth, entry.getValue(), edit);
        });
    all.sort(Comparator.comparingLong(Edit::at));
    return all;
  }

  private static void grow(Map<Message, Long> growth, List<Message> around, Edit edit) {
    around.forEach(message -> growth.merge(message, edit.growth(), Long::sum));
  }

  /// Every message that is changed, and the messages it is in.
  private Map<Message, List<Message>> around() {
    var around = new HashMap<Message, List<Message>>();
    for (Edit edit : edits) {
      for (int depth = 0; depth < edit.around.size(); depth++) {
        around.putIfAbsent(edit.around.get(depth), edit.around.subList(0, depth));
      }
    }
    return around;
  }
}
