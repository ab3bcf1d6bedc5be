package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void readsWhatTheReferenceImplementationWrites() throws IOException {
    // safetensors.numpy.save({"b": float16 [[1, -2]], "a": float32 [0.5], "s": float64 3}, {"k":
    // "v"})
    Path file = directory.resolve("reference.safetensors");
    Files.write(file, HexFormat.of().parseHex(REFERENCE_FILE));
    try (Safetensors opened = Safetensors.open(file)) {
      assertThat(opened.metadata()).containsExactlyEntriesOf(Map.of("k", "v"));
      assertThat(opened.tensors().keySet()).containsExactlyInAnyOrder("a", "b", "s");
      assertThat(read(opened, "a", 10)).containsExactly(0.5f);
      assertThat(read(opened, "b", 10)).containsExactly(1f, -2f);
      assertThat(read(opened, "s", 10)).containsExactly(3f);
      assertThat(opened.tensor("s").shape()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "F64"})
  void readsEachFloatTypeInChunksOfRows(SafetensorsType type) throws IOException {
    Path file =
        new SafetensorsBytes()
            .counting("before", SafetensorsType.I64, 3)
            .counting("w", type, 7, 3)
            .write(directory.resolve("types"));
    try (Safetensors opened = Safetensors.open(file)) {
      float[] expected = new float[21];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = i;
      }
      for (int maxValues : new int[] {1, 3, 7, 12, 21, 1000}) {
        assertThat(read(opened, "w", maxValues)).containsExactly(expected);
      }
    }
  }

  @Test
  void chunksAreWholeRowsInOrder() throws IOException {
    Path file = new SafetensorsBytes().counting("w", 7, 3).write(directory.resolve("rows"));
    List<String> chunks = new ArrayList<>();
    try (Safetensors opened = Safetensors.open(file)) {
      opened.forEachChunk(
          opened.tensor("w"),
          8,
          (first, rows, values) -> chunks.add(first + "+" + rows + ":" + values[0]));
    }
    assertThat(chunks).containsExactly("0+2:0.0", "2+2:6.0", "4+2:12.0", "6+1:18.0");
  }

  @Test
  void decodesEveryHalfFloat() {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      bytes.putShort((short) bits);
    }
    float[] half = new float[1 << 16];
    SafetensorsType.F16.decode(bytes.flip(), half, 0, half.length);
    float[] brain = new float[1 << 16];
    SafetensorsType.BF16.decode(bytes, brain, 0, brain.length);
    float[] expectedHalf = new float[1 << 16];
    float[] expectedBrain = new float[1 << 16];
    for (int bits = 0; bits < 1 << 16; bits++) {
      expectedHalf[bits] = halfValue(bits);
      expectedBrain[bits] = Float.intBitsToFloat(bits << 16);
    }
    assertThat(half).isEqualTo(expectedHalf);
    assertThat(brain).isEqualTo(expectedBrain);
  }

  /** IEEE 754-2008, section 3.4. */
  private static float halfValue(int bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double magnitude =
        exponent == 31
            ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : exponent == 0
                ? fraction * Math.pow(2, -24)
                : (1024 + fraction) * Math.pow(2, exponent - 25);
    return (float) ((bits & 0x8000) == 0 ? magnitude : -magnitude);
  }

  @Test
  void readsBeyondFourGigabytes() throws IOException {
    Path file = directory.resolve("large.safetensors");
    long large = 5L << 30;
    String header =
        "{\"large\":{\"dtype\":\"F32\",\"shape\":[%d,1024],\"data_offsets\":[0,%d]},"
                .formatted(large / 4096, large)
            + "\"last\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[%d,%d]}}"
                .formatted(large, large + 16);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(withLength(header.length(), header)));
      channel.write(floats(1.5f, -2f, 3f, 4f), 8 + header.length() + large);
    }
    try (Safetensors opened = Safetensors.open(file)) {
      assertThat(read(opened, "last", 2)).containsExactly(1.5f, -2f, 3f, 4f);
      TensorInfo tensor = opened.tensor("large");
      assertThat(tensor.rows() * tensor.rowSize() * Float.BYTES).isEqualTo(large);
    }
  }

  @Test
  void acceptsEmptyTensorsMetadataAndTrailingSpace() throws IOException {
    Path file = directory.resolve("empty");
    Files.write(
        file,
        SafetensorsBytes.ofHeader(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"none\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[0,0]}}   "));
    try (Safetensors opened = Safetensors.open(file)) {
      assertThat(opened.metadata()).containsEntry("format", "pt");
      assertThat(read(opened, "none", 5)).isEmpty();
    }
  }

  @Test
  void refusesToReadIntegers() throws IOException {
    Path file =
        new SafetensorsBytes()
            .counting("ids", SafetensorsType.I64, 3)
            .write(directory.resolve("integers"));
    try (Safetensors opened = Safetensors.open(file)) {
      assertThatThrownBy(() -> read(opened, "ids", 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + ": tensor ids: dtype I64 cannot be read as float32");
    }
  }

  @Test
  void missingFile() {
    Path file = directory.resolve("nowhere");
    assertThatThrownBy(() -> Safetensors.open(file)).hasMessage("no such file: " + file);
  }

  private static Arguments broken(SafetensorsBytes file, String message) {
    return Arguments.of(message, file.toBytes());
  }

  private static Arguments brokenHeader(String header, String message) {
    return Arguments.of(message, SafetensorsBytes.ofHeader(header));
  }

  private static byte[] withEncoding(String encoding) {
    byte[] header = "{}".getBytes(Charset.forName(encoding));
    return ByteBuffer.allocate(Long.BYTES + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  static Stream<Arguments> broken() {
    byte[] whole = new SafetensorsBytes().counting("w", 2, 3).toBytes();
    return Stream.of(
        Arguments.of("truncated: 0 bytes hold no header length", new byte[0]),
        Arguments.of("header is not a JSON object in UTF-8", withEncoding("UTF-16LE")),
        Arguments.of("header is not a JSON object in UTF-8", withEncoding("UTF-16")),
        Arguments.of("header is not a JSON object in UTF-8", withEncoding("UTF-32BE")),
        Arguments.of("truncated: 5 bytes hold no header length", new byte[5]),
        Arguments.of("truncated: header length 57, but 12 bytes follow", Arrays.copyOf(whole, 20)),
        Arguments.of(
            "tensor w: data_offsets [0, 24] end beyond the data section of 20 bytes (truncated file?)",
            Arrays.copyOf(whole, whole.length - 4)),
        Arguments.of(
            "the last 4 of 28 data bytes belong to no tensor",
            Arrays.copyOf(whole, whole.length + 4)),
        Arguments.of(
            "header length 100000001 is over 100000000 bytes", withLength(100_000_001, "{}")),
        Arguments.of(
            "header length 18446744073709551615 is over 100000000 bytes", withLength(-1, "{}")),
        brokenHeader("", "header is not a JSON object"),
        brokenHeader("[1]", "header is not a JSON object"),
        brokenHeader("{} {}", "header has text after its JSON object"),
        brokenHeader("{\"w\":", "header is not JSON: Unexpected end-of-input"),
        brokenHeader("{\"w\":nil}", "header is not JSON: Unrecognized token 'nil'"),
        brokenHeader("{\"w\":[1]}", "tensor w: not an object: [1]"),
        brokenHeader("{\"__metadata__\":3}", "__metadata__ is not an object: 3"),
        brokenHeader(
            "{\"__metadata__\":{\"a\":{}}}", "__metadata__: value of a is not a string: {}"),
        brokenHeader("{\"w\":{}}", "tensor w: unknown dtype: missing"),
        brokenHeader("{\"w\":{\"dtype\":32}}", "tensor w: unknown dtype: 32"),
        brokenHeader("{\"w\":{\"dtype\":\"F32\"}}", "tensor w: shape is not an array: missing"),
        brokenHeader(
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[0]}}",
            "tensor w: data_offsets is not an array: missing"),
        broken(entry("F33", "[1]", "[0,4]"), "tensor w: unknown dtype: \"F33\""),
        broken(entry("F32", "[-1]", "[0,4]"), "shape [-1] must hold integers from 0 on: -1"),
        broken(entry("F32", "[1.0]", "[0,4]"), "shape [1.0] must hold integers from 0 on: 1.0"),
        broken(entry("F32", "[\"1\"]", "[0,4]"), "must hold integers from 0 on: \"1\""),
        broken(
            entry("F32", "[99999999999999999999]", "[0,4]"),
            "must hold integers from 0 on: 99999999999999999999"),
        broken(
            entry("F32", "[4294967296,4294967296]", "[0,4]"),
            "tensor w: shape [4294967296, 4294967296] of F32 is too large"),
        broken(
            entry("F32", "[0,4294967296,4294967296]", "[0,0]"),
            "tensor w: shape [0, 4294967296, 4294967296] of F32 is too large"),
        broken(entry("F4", "[3]", "[0,1]"), "tensor w: shape [3] of F4 ends inside a byte"),
        broken(
            entry("F32", "[2]", "[0,4]"),
            "tensor w: shape [2] of F32 needs 8 bytes, but data_offsets [0, 4] hold 4"),
        broken(entry("F32", "[1]", "[4,0]"), "data_offsets must be [begin, end]: [4, 0]"),
        broken(entry("F32", "[1]", "[0]"), "data_offsets must be [begin, end]: [0]"),
        broken(entry("F32", "[1]", "[-4,0]"), "data_offsets [-4,0] must hold integers from 0 on"),
        broken(
            entry("F32", "[1]", "[0,4]").entry("v", "F32", "[1]", "[2,6]").data(6),
            "tensor v: data_offsets [2, 6] overlap tensor w, which ends at 4"),
        broken(
            entry("F32", "[1]", "[0,4]").entry("v", "F32", "[1]", "[0,4]").data(4),
            "tensor v: data_offsets [0, 4] overlap tensor w, which ends at 4"),
        broken(
            entry("F32", "[1]", "[0,4]").entry("v", "F32", "[1]", "[8,12]").data(12),
            "tensor v: data_offsets [8, 12] leave a hole: bytes 4 to 8 belong to no tensor"),
        broken(
            entry("F32", "[1]", "[0,4]").entry("w", "F32", "[1]", "[4,8]").data(8),
            "header is not JSON: Duplicate field 'w'"),
        broken(
            new SafetensorsBytes().entry("a\\nb", "F32", "[1,", "[0,4]"), "header is not JSON: "),
        broken(
            new SafetensorsBytes().entry("a\\nb", "F33", "[1]", "[0,4]"),
            "tensor a?b: unknown dtype: \"F33\""));
  }

  private static SafetensorsBytes entry(String dtype, String shape, String offsets) {
    return new SafetensorsBytes().entry("w", dtype, shape, offsets).data(4);
  }

  @ParameterizedTest
  @MethodSource
  void broken(String message, byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("broken"), bytes);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  private static byte[] withLength(long length, String header) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.flip();
  }

  private static float[] read(Safetensors file, String name, int maxValues) throws IOException {
    TensorInfo tensor = file.tensor(name);
    float[] all = new float[(int) (tensor.rows() * tensor.rowSize())];
    file.forEachChunk(
        tensor,
        maxValues,
        (first, rows, values) ->
            System.arraycopy(
                values, 0, all, (int) (first * tensor.rowSize()), (int) (rows * tensor.rowSize())));
    return all;
  }

  private static final String REFERENCE_FILE =
      "c0000000000000007b225f5f6d657461646174615f5f223a7b226b223a2276227d2c2273223a7b22"
          + "6474797065223a22463634222c227368617065223a5b5d2c22646174615f6f666673657473223a5b"
          + "302c385d7d2c2261223a7b226474797065223a22463332222c227368617065223a5b315d2c226461"
          + "74615f6f666673657473223a5b382c31325d7d2c2262223a7b226474797065223a22463136222c22"
          + "7368617065223a5b312c325d2c22646174615f6f666673657473223a5b31322c31365d7d7d202020"
          + "00000000000008400000003f003c00c0";
}
