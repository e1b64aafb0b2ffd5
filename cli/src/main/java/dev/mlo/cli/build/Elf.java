package dev.mlo.cli.build;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a program or a shared library for 64-bit Linux asks of the machine it runs on (System V
/// ABI, "Dynamic Linking"; symbol versions as the Linux Standard Base describes them).
///
/// @param processor the one it is for
/// @param interpreter the absolute path of the loader a program asks for; `null` for a library
/// @param soname the name a library gives itself; `null` where it gives none
/// @param needed the names of the libraries it needs, in order
/// @param versionsNeeded the versions it needs of each library
/// @param versionsDefined the versions it offers
record Elf(
    Processor processor,
    @Nullable String interpreter,
    @Nullable String soname,
    List<String> needed,
    Map<String, List<String>> versionsNeeded,
    SortedSet<String> versionsDefined) {
  private static final int MAGIC = 0x464c457f;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_SONAME = 14;
  private static final long DT_VERDEF = 0x6ffffffc;
  private static final long DT_VERDEFNUM = 0x6ffffffd;
  private static final long DT_VERNEED = 0x6ffffffe;
  private static final long DT_VERNEEDNUM = 0x6fffffff;

  /// @return empty when the file is no ELF file
  /// @throws IOException when it is one, but damaged or for another processor
  static Optional<Elf> read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() < 64) {
        return Optional.empty();
      }
      ByteBuffer bytes =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), Integer.MAX_VALUE))
              .order(ByteOrder.LITTLE_ENDIAN);
      return bytes.getInt(0) == MAGIC ? Optional.of(new Parser(bytes).parse()) : Optional.empty();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new IOException("`" + file + "` is a damaged ELF file", e);
    }
  }

  private record Segment(long address, long offset, long size) {}

  private static final class Parser {
    private final ByteBuffer bytes;
    private final List<Segment> segments = new ArrayList<>();
    private final Map<Long, Long> dynamic = new LinkedHashMap<>();
    private final List<Long> neededNames = new ArrayList<>();
    private @Nullable String interpreter;

    Parser(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    Elf parse() throws IOException {
      boolean is64LittleEndian = bytes.get(4) == 2 && bytes.get(5) == 1;
      Processor processor =
          Processor.of(bytes.getShort(18) & 0xffff)
              .filter(_ -> is64LittleEndian)
              .orElseThrow(
                  () -> new IOException("it is for another processor than x86-64 and 64-bit ARM"));
      int headers = Math.toIntExact(bytes.getLong(32));
      int width = bytes.getShort(54) & 0xffff;
      int count = bytes.getShort(56) & 0xffff;
      int table = -1;
      for (int at = headers; at < headers + count * width; at += width) {
        long offset = bytes.getLong(at + 8);
        switch (bytes.getInt(at)) {
          case PT_LOAD ->
              segments.add(new Segment(bytes.getLong(at + 16), offset, bytes.getLong(at + 32)));
          case PT_DYNAMIC -> table = Math.toIntExact(offset);
          case PT_INTERP -> interpreter = text(Math.toIntExact(offset));
          default -> {
            // Nothing the loader's search depends on.
          }
        }
      }
      if (table >= 0) {
        dynamic(table);
      }
      List<String> needed = neededNames.stream().map(this::name).toList();
      Long soname = dynamic.get(DT_SONAME);
      return new Elf(
          processor,
          interpreter,
          soname == null ? null : name(soname),
          needed,
          versionsNeeded(),
          versionsDefined());
    }

    private void dynamic(int table) {
      for (int at = table; bytes.getLong(at) != 0; at += 16) {
        long tag = bytes.getLong(at);
        long value = bytes.getLong(at + 8);
        if (tag == DT_NEEDED) {
          neededNames.add(value);
        } else {
          dynamic.put(tag, value);
        }
      }
    }

    private Map<String, List<String>> versionsNeeded() {
      var versions = new LinkedHashMap<String, List<String>>();
      long count = dynamic.getOrDefault(DT_VERNEEDNUM, 0L);
      int at = count == 0 ? 0 : position(dynamic.getOrDefault(DT_VERNEED, -1L));
      for (long i = 0; i < count; i++) {
        List<String> names =
            versions.computeIfAbsent(name(bytes.getInt(at + 4)), _ -> new ArrayList<>());
        int entry = at + bytes.getInt(at + 8);
        for (int n = bytes.getShort(at + 2) & 0xffff; n > 0; n--) {
          names.add(name(bytes.getInt(entry + 8)));
          entry += bytes.getInt(entry + 12);
        }
        at += bytes.getInt(at + 12);
      }
      return versions;
    }

    private SortedSet<String> versionsDefined() {
      var versions = new TreeSet<String>();
      long count = dynamic.getOrDefault(DT_VERDEFNUM, 0L);
      int at = count == 0 ? 0 : position(dynamic.getOrDefault(DT_VERDEF, -1L));
      for (long i = 0; i < count; i++) {
        versions.add(name(bytes.getInt(at + bytes.getInt(at + 12))));
        at += bytes.getInt(at + 16);
      }
      return versions;
    }

    private String name(long offset) {
      return text(Math.toIntExact(position(dynamic.getOrDefault(DT_STRTAB, -1L)) + offset));
    }

    /// Where in the file an address of the loaded image lies.
    private int position(long address) {
      for (Segment segment : segments) {
        if (address >= segment.address && address < segment.address + segment.size) {
          return Math.toIntExact(address - segment.address + segment.offset);
        }
      }
      throw new IndexOutOfBoundsException("address " + address + " is in no segment");
    }

    private String text(int at) {
      int end = at;
      while (bytes.get(end) != 0) {
        end++;
      }
      byte[] text = new byte[end - at];
      bytes.get(at, text);
      return new String(text, StandardCharsets.UTF_8);
    }
  }
}
