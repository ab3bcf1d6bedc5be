package org.adaptivesoftmax.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a body may take, in time and in memory, while it is read. */
class LimitedParserTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int NUMBERS = 100_000;

  private static JsonNode read(int numbers, int maxBytes, long nanosLeft) throws IOException {
    String body = "[" + "1,".repeat(numbers - 1) + "1]";
    long end = System.nanoTime() + nanosLeft;
    try (JsonParser parser = new LimitedParser(JSON.createParser(body), maxBytes, end)) {
      return JSON.readTree(parser);
    }
  }

  @Test
  void theDeadlineHoldsWhileABodyIsRead() {
    assertThatThrownBy(() -> read(NUMBERS, Integer.MAX_VALUE, -1))
        .isInstanceOf(LimitedParser.TooLateException.class)
        .hasMessage("answer was not read in time");
  }

  @Test
  void whatIsInTimeIsRead() throws IOException {
    assertThat(read(NUMBERS, Integer.MAX_VALUE, TimeUnit.HOURS.toNanos(1))).hasSize(NUMBERS);
  }

  /** 64 bytes for the list, 32 for each number. */
  @Test
  void aTreeTakesNoMoreThanIsAllowed() throws IOException {
    int bytes = 64 + 32 * NUMBERS;
    assertThat(read(NUMBERS, bytes, TimeUnit.HOURS.toNanos(1))).hasSize(NUMBERS);
    assertThatThrownBy(() -> read(NUMBERS, bytes - 1, TimeUnit.HOURS.toNanos(1)))
        .isInstanceOf(LimitedBody.TooLargeException.class);
  }
}
