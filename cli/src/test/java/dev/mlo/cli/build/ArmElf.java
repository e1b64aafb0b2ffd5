package dev.mlo.cli.build;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Programs and libraries for 64-bit ARM, or another processor, made by hand: headers, loader,
/// needed libraries and symbol versions as in real ones, and no code.
public final class ArmElf {
  /// `e_machine` of 64-bit ARM.
  public static final int AARCH64 = 183;

  private static final int HEADER = 64;
  private static final int SEGMENT = 56;

  private final int machine;
  private final List<String> needed = new ArrayList<>();
  private final List<String> defined = new ArrayList<>();
  private String interpreter = "";
  private String soname = "";
  private String text = "";

  private ArmElf(int machine) {
    this.machine = machine;
  }

  public static ArmElf of() {
    return new ArmElf(AARCH64);
  }

  public static ArmElf of(int machine) {
    return new ArmElf(machine);
  }

  public ArmElf interpreter(String path) {
    interpreter = path;
    return this;
  }

  public ArmElf soname(String name) {
    soname = name;
    return this;
  }

  public ArmElf needs(String... libraries) {
    needed.addAll(List.of(libraries));
    return this;
  }

  public ArmElf defines(String... versions) {
    defined.addAll(List.of(versions));
    return this;
  }

  /// Text somewhere in the file, as a loader holds the directories it searches.
  public ArmElf text(String more) {
    text = more;
    return this;
  }

  /// The one segment of the file is the file: addresses are offsets.
  public byte[] bytes() {
    var strings = new ByteArrayOutputStream();
    strings.write(0);
    List<Integer> names = needed.stream().map(name -> string(strings, name)).toList();
    int own = string(strings, soname);
    List<Integer> versions = defined.stream().map(name -> string(strings, name)).toList();
    int segments = interpreter.isEmpty() ? 2 : 3;
    int interpreterAt = HEADER + segments * SEGMENT;
    int textAt = interpreterAt + interpreter.length() + 1;
    int stringsAt = textAt + text.length() + 1;
    int versionsAt = stringsAt + strings.size();
    int dynamicAt = versionsAt + versions.size() * 28;
    int size = dynamicAt + 16 * (names.size() + 5);
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1);
    file.putShort(16, (short) 3).putShort(18, (short) machine).putInt(20, 1);
    file.putLong(32, HEADER).putShort(52, (short) HEADER);
    file.putShort(54, (short) SEGMENT).putShort(56, (short) segments);
    segment(file, 0, 1, 0, size);
    segment(file, 1, 2, dynamicAt, size - dynamicAt);
    if (segments == 3) {
      segment(file, 2, 3, interpreterAt, interpreter.length() + 1);
    }
    file.put(interpreterAt, interpreter.getBytes(StandardCharsets.US_ASCII));
    file.put(textAt, text.getBytes(StandardCharsets.US_ASCII));
    file.put(stringsAt, strings.toByteArray());
    file.position(versionsAt);
    for (int i = 0; i < versions.size(); i++) {
      file.putShort((short) 1).putShort((short) 0).putShort((short) (i + 1)).putShort((short) 1);
      file.putInt(0).putInt(20).putInt(i + 1 < versions.size() ? 28 : 0);
      file.putInt(versions.get(i)).putInt(0);
    }
    file.position(dynamicAt);
    names.forEach(name -> file.putLong(1).putLong(name));
    file.putLong(5).putLong(stringsAt);
    file.putLong(14).putLong(own);
    if (!versions.isEmpty()) {
      file.putLong(0x6ffffffcL).putLong(versionsAt).putLong(0x6ffffffdL).putLong(versions.size());
    }
    return file.array();
  }

  private static int string(ByteArrayOutputStream strings, String text) {
    int at = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    strings.write(0);
    return at;
  }

  private static void segment(ByteBuffer file, int number, int type, int offset, int size) {
    int at = HEADER + number * SEGMENT;
    file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, offset).putLong(at + 32, size);
  }
}
