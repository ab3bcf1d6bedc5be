package org.adaptivesoftmax.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.adaptivesoftmax.TailWeights;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A form of tail weights by its name in lower case. */
final class TailWeightsOption implements ITypeConverter<TailWeights> {
  static final String DESCRIPTION =
      "How the model stores the class rows of its tail clusters: float32, bfloat16 or int8.";

  @Override
  public TailWeights convert(String value) {
    return Arrays.stream(TailWeights.values())
        .filter(form -> name(form).equals(value))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException("must be one of " + names() + ": " + value));
  }

  static String name(TailWeights form) {
    return form.name().toLowerCase(Locale.ROOT);
  }

  private static String names() {
    return Arrays.stream(TailWeights.values())
        .map(TailWeightsOption::name)
        .collect(Collectors.joining(", "));
  }
}
