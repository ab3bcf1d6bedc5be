package org.adaptivesoftmax.internal.io;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that hold one JSON value. Without Jackson this class does not link. */
public final class JsonFile {
  /** More than any description needs. */
  public static final long MAX_BYTES = 1 << 24;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonFile() {}

  /** {@link #read(Path, long, JsonMapper)} of JSON as the standard has it. */
  public static JsonNode read(Path file, long maxBytes) throws IOException {
    return read(file, maxBytes, JSON);
  }

  /**
   * Reads a file.
   *
   * @param maxBytes of the file
   * @param reader what it takes for JSON
   * @return its value
   * @throws IllegalArgumentException if it is no regular file, is larger, or holds no JSON; the message is one line that
   *     names the file
   * @throws IOException if it cannot be read
   */
  public static JsonNode read(Path file, long maxBytes, JsonMapper reader) throws IOException {
    byte[] json = Files.readAllBytes(FileTree.requireRegular(file, maxBytes));
    try {
      JsonNode root = reader.readTree(json);
      Require.argument(!root.isMissingNode(), "%s: not JSON: it is empty", file);
      return root;
    } catch (
        IOException e) { // not of Jackson alone: an encoding that is none has exceptions of its own
      String problem =
          e instanceof JacksonException malformed ? malformed.getOriginalMessage() : e.getMessage();
      throw new IllegalArgumentException(OneLine.of(file + ": not JSON: " + problem), e);
    }
  }
}
