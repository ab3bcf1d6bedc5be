package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;

/**
 * Reads JSON into a tree that is limited in memory and in time: two bytes of a body may stand for a list of some fifty, and a
 * body of some hundred megabytes takes seconds.
 */
final class LimitedParser extends JsonParserDelegate {
  /** A list or an object, and a number, a string or a key, without its characters, with its place in the tree. */
  private static final int CONTAINER_BYTES = 64;

  private static final int SCALAR_BYTES = 32;

  /** How often the time is looked at, in tokens. */
  private static final int LOOK = 1 << 12;

  private final int maxBytes;
  private final long end;
  private long bytes;
  private int tokens;

  /** A body that was not read in time. */
  static final class TooLateException extends IOException {
    private static final long serialVersionUID = 1;

    TooLateException() {
      super("answer was not read in time");
    }
  }

  /**
   * @param maxBytes of the tree
   * @param end of the time, as {@link System#nanoTime} has it
   */
  LimitedParser(JsonParser parser, int maxBytes, long end) {
    super(parser);
    this.maxBytes = maxBytes;
    this.end = end;
  }

  @Override
  public JsonToken nextToken() throws IOException {
    JsonToken token = super.nextToken();
    if (token != null) {
      bytes += bytes(token);
      if (bytes > maxBytes) {
        throw new LimitedBody.TooLargeException(maxBytes);
      }
      if (++tokens % LOOK == 0 && System.nanoTime() - end >= 0) {
        throw new TooLateException();
      }
    }
    return token;
  }

  private long bytes(JsonToken token) throws IOException {
    return switch (token) {
      case START_ARRAY, START_OBJECT -> CONTAINER_BYTES;
      case VALUE_STRING -> SCALAR_BYTES + 2L * delegate.getTextLength();
      case FIELD_NAME, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> SCALAR_BYTES;
      default -> 0;
    };
  }
}
