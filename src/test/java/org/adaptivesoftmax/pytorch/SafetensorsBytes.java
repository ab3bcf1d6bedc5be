package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** Writes safetensors files byte by byte, right or wrong, for tests. */
public final class SafetensorsBytes {
  private final StringJoiner header = new StringJoiner(",", "{", "}");
  private ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** A float32 tensor with the values 0, 1, 2, … */
  public SafetensorsBytes counting(String name, long... shape) {
    return counting(name, SafetensorsType.F32, shape);
  }

  public SafetensorsBytes counting(String name, SafetensorsType type, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return tensor(name, type, values, shape);
  }

  /** Half types take the values' upper bits: exact for small whole numbers. */
  public SafetensorsBytes tensor(String name, SafetensorsType type, float[] values, long... shape) {
    int begin = data.position();
    reserve(values.length * Long.BYTES);
    for (float value : values) {
      switch (type) {
        case F32 -> data.putFloat(value);
        case F64 -> data.putDouble(value);
        case BF16 -> data.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case F16 -> data.putShort(halfBits(value));
        default -> data.put(new byte[type.bits() / 8]);
      }
    }
    return entry(name, type.name(), shapeText(shape), "[%d,%d]".formatted(begin, data.position()));
  }

  private void reserve(int bytes) {
    if (data.remaining() < bytes) {
      data.flip();
      data =
          ByteBuffer.allocate(2 * (data.limit() + bytes)).order(ByteOrder.LITTLE_ENDIAN).put(data);
    }
  }

  private static short halfBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (value == 0) {
      return 0;
    }
    int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
    return (short) (((bits >>> 16) & 0x8000) | exponent << 10 | ((bits >>> 13) & 0x3ff));
  }

  static String shapeText(long... shape) {
    return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }

  /** A header entry as it stands, whatever it says. */
  public SafetensorsBytes entry(String name, String dtype, String shape, String offsets) {
    return raw(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
            .formatted(name, dtype, shape, offsets));
  }

  SafetensorsBytes raw(String member) {
    header.add(member);
    return this;
  }

  SafetensorsBytes data(int bytes) {
    data.position(data.position() + bytes);
    return this;
  }

  public byte[] toBytes() {
    return toBytes(header.toString(), data.position());
  }

  private byte[] toBytes(String json, int dataSize) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + text.length + dataSize)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data.array(), 0, dataSize)
        .array();
  }

  static byte[] ofHeader(String json) {
    return new SafetensorsBytes().toBytes(json, 0);
  }

  public Path write(Path file) throws IOException {
    return Files.write(file, toBytes());
  }
}
