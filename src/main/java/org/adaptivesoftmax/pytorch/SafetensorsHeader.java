package org.adaptivesoftmax.pytorch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;

/** The JSON header of a safetensors file: parsed and checked against the size of the data section, or written. */
final class SafetensorsHeader {
  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final long dataSize;

  private SafetensorsHeader(long dataSize) {
    this.dataSize = dataSize;
  }

  /**
   * @param dataSize bytes after the header
   * @throws IllegalArgumentException if the header breaks the format; the message does not name the file
   */
  static SafetensorsHeader parse(byte[] json, long dataSize) {
    SafetensorsHeader header = new SafetensorsHeader(dataSize);
    // A reader of JSON would take other encodings, too.
    require(
        json.length < 2 || (json[0] == '{' && json[1] != 0),
        "header is not a JSON object in UTF-8");
    try {
      header.readObject(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("header is not JSON: " + oneLine(e.getOriginalMessage()));
    } catch (IOException e) { // a malformed encoding
      throw new IllegalArgumentException(
          "header is not JSON: " + oneLine(String.valueOf(e.getMessage())));
    }
    header.requireContiguous();
    return header;
  }

  /**
   * What a file has before its data section: the header's length and the header. Spaces fill it up to a multiple of 8
   * bytes, as in the reference implementation, so that values are aligned.
   */
  static byte[] bytes(List<TensorInfo> tensors, Map<String, String> metadata) {
    ObjectNode header = JSON.createObjectNode();
    metadata.forEach(header.putObject(METADATA)::put);
    for (TensorInfo tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name());
      entry.put("dtype", tensor.type().name());
      tensor.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] spaces = new byte[length - json.length];
    Arrays.fill(spaces, (byte) ' ');
    return ByteBuffer.allocate(Long.BYTES + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(json)
        .put(spaces)
        .array();
  }

  /** In the order of the header. */
  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void readObject(byte[] json) throws IOException {
    try (var parser = JSON.createParser(json)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "header is not a JSON object");
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        JsonNode value = parser.readValueAsTree();
        if (name.equals(METADATA)) {
          readMetadata(value);
        } else {
          tensors.put(name, readTensor(name, value));
        }
      }
      require(parser.nextToken() == null, "header has text after its JSON object");
    }
  }

  private void readMetadata(JsonNode value) {
    require(value.isObject(), "%s is not an object: %s", METADATA, value);
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      require(
          entry.getValue().isTextual(),
          "%s: value of %s is not a string: %s",
          METADATA,
          entry.getKey(),
          entry.getValue());
      metadata.put(entry.getKey(), entry.getValue().textValue());
    }
  }

  private TensorInfo readTensor(String name, JsonNode value) {
    require(value.isObject(), "tensor %s: not an object: %s", name, value);
    SafetensorsType type = readType(name, value.path("dtype"));
    List<Long> shape = readIntegers(name, "shape", value.path("shape"));
    List<Long> offsets = readIntegers(name, "data_offsets", value.path("data_offsets"));
    require(
        offsets.size() == 2 && offsets.get(0) <= offsets.get(1),
        "tensor %s: data_offsets must be [begin, end]: %s",
        name,
        offsets);
    long begin = offsets.get(0);
    long end = offsets.get(1);
    require(
        end <= dataSize,
        "tensor %s: data_offsets %s end beyond the data section of %d bytes (truncated file?)",
        name,
        offsets,
        dataSize);
    long needed = byteSize(name, type, shape);
    require(
        needed == end - begin,
        "tensor %s: shape %s of %s needs %d bytes, but data_offsets %s hold %d",
        name,
        shape,
        type,
        needed,
        offsets,
        end - begin);
    return new TensorInfo(name, type, shape, begin, end);
  }

  private static SafetensorsType readType(String name, JsonNode dtype) {
    return Arrays.stream(SafetensorsType.values())
        .filter(type -> dtype.isTextual() && type.name().equals(dtype.textValue()))
        .findAny()
        .orElseThrow(() -> invalid("tensor %s: unknown dtype: %s", name, orMissing(dtype)));
  }

  private static List<Long> readIntegers(String name, String key, JsonNode array) {
    require(array.isArray(), "tensor %s: %s is not an array: %s", name, key, orMissing(array));
    List<Long> values = new ArrayList<>();
    for (JsonNode value : array) {
      require(
          value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0,
          "tensor %s: %s %s must hold integers from 0 on: %s",
          name,
          key,
          array,
          value);
      values.add(value.longValue());
    }
    return List.copyOf(values);
  }

  private static long byteSize(String name, SafetensorsType type, List<Long> shape) {
    try {
      long bits = type.bits();
      for (long dimension : shape) { // part of a shape must not overflow either, even beside a 0
        bits = Math.multiplyExact(bits, Math.max(1, dimension));
      }
      bits = shape.contains(0L) ? 0 : bits;
      require(bits % 8 == 0, "tensor %s: shape %s of %s ends inside a byte", name, shape, type);
      return bits / 8;
    } catch (ArithmeticException e) {
      throw invalid("tensor %s: shape %s of %s is too large", name, shape, type);
    }
  }

  /** The format allows neither shared nor unused bytes. */
  private void requireContiguous() {
    List<TensorInfo> inFileOrder = new ArrayList<>(tensors.values());
    inFileOrder.sort(Comparator.comparingLong(TensorInfo::begin).thenComparing(TensorInfo::end));
    long position = 0;
    String previous = "";
    for (TensorInfo tensor : inFileOrder) {
      require(
          tensor.begin() >= position,
          "tensor %s: data_offsets [%d, %d] overlap tensor %s, which ends at %d",
          tensor.name(),
          tensor.begin(),
          tensor.end(),
          previous,
          position);
      require(
          tensor.begin() == position,
          "tensor %s: data_offsets [%d, %d] leave a hole: bytes %d to %d belong to no tensor",
          tensor.name(),
          tensor.begin(),
          tensor.end(),
          position,
          tensor.begin());
      position = tensor.end();
      previous = tensor.name();
    }
    require(
        position == dataSize,
        "the last %d of %d data bytes belong to no tensor",
        dataSize - position,
        dataSize);
  }

  private static String orMissing(JsonNode value) {
    return value.isMissingNode() ? "missing" : value.toString();
  }

  private static void require(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw invalid(format, arguments);
    }
  }

  private static IllegalArgumentException invalid(String format, Object... arguments) {
    Object[] printable =
        Arrays.stream(arguments)
            .map(value -> value instanceof Number ? value : oneLine(value.toString()))
            .toArray();
    return new IllegalArgumentException(format.formatted(printable));
  }

  /** A file's own text must not break a message into lines, nor fill the screen. */
  private static String oneLine(String text) {
    String line =
        text.codePoints()
            .limit(200)
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return line.length() < text.length() ? line + "…" : line;
  }
}
