package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as TensorFlow Serving writes it: four spaces a level, numbers in as few digits as they need, six or nine (17, if of 64
 * bits), and NaN and infinity by name, which JSON itself does not have.
 */
final class JsonText {
  private static final int SHORT_DIGITS = 6;
  private static final int FLOAT_DIGITS = 9;
  private static final int DOUBLE_DIGITS = 17;
  private static final String INDENT = "    ";

  /** Numbers between these have no exponent, with six digits and more. */
  private static final double LEAST_PLAIN = 1e-4;

  private static final double MOST_PLAIN = 1e6;

  /** Nine digits shifted before the point are this exact, and ten times more. */
  private static final double UNSURE = 1e-5;

  /** Of ten, all exact. */
  private static final double[] POWERS = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13
  };

  private final StringBuilder text = new StringBuilder();
  private final Deque<Level> levels = new ArrayDeque<>();
  private boolean oneLine;

  /** An object or list that is being written. */
  private static final class Level {
    private final boolean list;
    private int values;

    Level(boolean list) {
      this.list = list;
    }
  }

  /** Whether the elements of lists stand in one line from now on. */
  JsonText oneLine(boolean lists) {
    oneLine = lists;
    return this;
  }

  JsonText startObject() {
    return start('{', false);
  }

  JsonText startList() {
    return start('[', true);
  }

  private JsonText start(char bracket, boolean list) {
    prefix();
    text.append(bracket);
    levels.push(new Level(list));
    return this;
  }

  JsonText endObject() {
    if (levels.pop().values > 0) {
      newLine();
    }
    text.append('}');
    return this;
  }

  JsonText endList() {
    if (levels.pop().values > 0 && !oneLine) {
      newLine();
    }
    text.append(']');
    return this;
  }

  JsonText key(String name) {
    return string(name);
  }

  JsonText string(String value) {
    prefix();
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      append(value.charAt(i));
    }
    text.append('"');
    return this;
  }

  private void append(char c) {
    switch (c) {
      case '"' -> text.append("\\\"");
      case '\\' -> text.append("\\\\");
      case '\b' -> text.append("\\b");
      case '\f' -> text.append("\\f");
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      default -> {
        if (c < ' ') {
          text.append("\\u00").append(Character.forDigit(c >> 4, 16));
          text.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
        } else {
          text.append(c);
        }
      }
    }
  }

  /** A number, a truth value or null, as it is written. */
  JsonText raw(String value) {
    prefix();
    text.append(value);
    return this;
  }

  JsonText number(float value) {
    return raw(decimal(value));
  }

  JsonText number(double value) {
    return raw(decimal(value));
  }

  static String decimal(float value) {
    if (Float.isNaN(value) || Float.isInfinite(value)) {
      return Float.toString(value);
    }
    String digits = general(value, SHORT_DIGITS);
    return whole(Float.parseFloat(digits) == value ? digits : general(value, FLOAT_DIGITS));
  }

  static String decimal(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.toString(value);
    }
    String digits = general(value, SHORT_DIGITS);
    return whole(Double.parseDouble(digits) == value ? digits : general(value, DOUBLE_DIGITS));
  }

  /** A whole number gets a fraction, so that its reader knows its type. */
  private static String whole(String digits) {
    return digits.indexOf('.') < 0 && digits.indexOf('e') < 0 ? digits + ".0" : digits;
  }

  /** As C's {@code %.*g}. */
  private static String general(double value, int precision) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    String quick = quick(value, precision);
    return quick != null ? quick : exact(value, precision);
  }

  /** For numbers as answers have them; null where it cannot be sure of the last digit, or the number has an exponent. */
  private static @Nullable String quick(double value, int precision) {
    double size = Math.abs(value);
    if (precision > FLOAT_DIGITS || size < LEAST_PLAIN || size >= MOST_PLAIN) {
      return null;
    }
    int scale = precision - 1 - (int) Math.floor(Math.log10(size));
    double shifted = size * POWERS[scale];
    long digits = Math.round(shifted);
    boolean even = Math.abs(shifted - Math.floor(shifted) - 0.5) < UNSURE;
    if (even || digits < POWERS[precision - 1] || digits >= POWERS[precision]) {
      return null;
    }
    for (; scale > 0 && digits % 10 == 0; scale--) {
      digits /= 10;
    }
    return BigDecimal.valueOf(value < 0 ? -digits : digits, scale).toPlainString();
  }

  private static String exact(double value, int precision) {
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
    BigDecimal shortest = rounded.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < precision) {
      return shortest.toPlainString();
    }
    String digits = shortest.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    int size = Math.abs(exponent);
    return (value < 0 ? "-" : "")
        + mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (size < 10 ? "0" : "")
        + size;
  }

  JsonText value(JsonNode value) {
    return value(value, Integer.MAX_VALUE);
  }

  /** A value as errors show it: cut off after some characters. */
  static String debug(JsonNode value) {
    return new JsonText().oneLine(true).value(value, 256).toString();
  }

  private JsonText value(JsonNode value, int limit) {
    if (text.length() >= limit) {
      return this;
    } else if (value.isObject()) {
      startObject();
      for (Map.Entry<String, JsonNode> member : value.properties()) {
        if (text.length() >= limit) {
          return this;
        }
        key(member.getKey()).value(member.getValue(), limit);
      }
      return text.length() >= limit ? this : endObject();
    } else if (value.isArray()) {
      startList();
      for (JsonNode element : value) {
        if (text.length() >= limit) {
          return this;
        }
        value(element, limit);
      }
      return text.length() >= limit ? this : endList();
    }
    return value.isTextual() ? string(value.textValue()) : raw(value.asText());
  }

  private void prefix() {
    Level level = levels.peek();
    if (level == null) {
      return;
    }
    if (level.list) {
      if (level.values > 0) {
        text.append(oneLine ? ", " : ",");
      }
      if (!oneLine) {
        newLine();
      }
    } else if (level.values % 2 == 1) {
      text.append(": ");
    } else {
      text.append(level.values > 0 ? "," : "");
      newLine();
    }
    level.values++;
  }

  private void newLine() {
    text.append('\n').append(INDENT.repeat(levels.size()));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
