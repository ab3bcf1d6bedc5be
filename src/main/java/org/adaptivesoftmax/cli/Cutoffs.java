package org.adaptivesoftmax.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The value of an option that says where the ranked vocabulary is cut into clusters.
 *
 * @param values increasing; empty to choose them by expected cost
 */
record Cutoffs(List<Integer> values) {
  static final Cutoffs AUTO = new Cutoffs(List.of());

  /** Reads {@code auto}, or whole numbers divided by commas. */
  static final class Converter implements ITypeConverter<Cutoffs> {
    @Override
    public Cutoffs convert(String value) {
      if (value.equalsIgnoreCase("auto")) {
        return AUTO;
      }
      List<Integer> cutoffs = new ArrayList<>();
      int last = 0;
      for (String number : value.split(",", -1)) {
        int cutoff = parse(number.strip(), value);
        if (cutoff <= last) {
          throw new TypeConversionException(
              last == 0
                  ? "cutoffs must be at least 1: " + cutoff
                  : "cutoffs must increase: %d after %d".formatted(cutoff, last));
        }
        cutoffs.add(cutoff);
        last = cutoff;
      }
      return new Cutoffs(cutoffs);
    }

    private static int parse(String number, String whole) {
      try {
        return Integer.parseInt(number);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "must be auto or whole numbers divided by commas: " + whole);
      }
    }
  }
}
