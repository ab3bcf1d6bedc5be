package org.adaptivesoftmax.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout.Parent;
import org.adaptivesoftmax.text.CountsAbout.Totals;

/** The file of a {@link CountsAbout}, apart from it: without Jackson this class does not link. */
final class CountsJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private CountsJson() {}

  static byte[] bytes(CountsAbout about) throws IOException {
    return (JSON.writeValueAsString(values(about)) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> values(CountsAbout about) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("tokens", about.totals().tokens());
    values.put("distinct", about.totals().distinct());
    values.put("documents", about.totals().documents());
    values.put("approximate", about.approximate());
    values.put("max_error", about.maxError());
    values.put("tokenizer", about.tokenizer());
    values.put("sources", about.sources());
    values.put("date", about.date().toString());
    values.put("parent", about.parents());
    return values;
  }

  static CountsAbout read(Path file) throws IOException {
    try {
      JsonNode root = JsonFile.read(file, JsonFile.MAX_BYTES);
      return new CountsAbout(
          new Totals(number(root, "tokens"), number(root, "distinct"), number(root, "documents")),
          number(root, "max_error"),
          value(root, "tokenizer").asText(),
          list(root, "sources", TextSource.class),
          LocalDate.parse(value(root, "date").asText()),
          list(root, "parent", Parent.class));
    } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
      String problem =
          e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
      String named = String.valueOf(problem);
      TextFileException malformed =
          new TextFileException(named.contains(file.toString()) ? named : file + ": " + named);
      malformed.initCause(e);
      throw malformed;
    }
  }

  private static long number(JsonNode root, String key) {
    JsonNode value = value(root, key);
    Require.argument(
        value.isIntegralNumber() && value.canConvertToLong(),
        "%s is no whole number: %s",
        key,
        value);
    return value.asLong();
  }

  private static JsonNode value(JsonNode root, String key) {
    JsonNode value = root.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static <T> List<T> list(JsonNode root, String key, Class<T> type)
      throws JacksonException {
    return JSON.treeToValue(
        value(root, key), JSON.getTypeFactory().constructCollectionType(List.class, type));
  }
}
