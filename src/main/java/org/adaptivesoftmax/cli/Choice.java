package org.adaptivesoftmax.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.server.WhenBusy;
import org.adaptivesoftmax.training.ClassifierLoss;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An option's value out of an enum, by its name in lower case with hyphens, read in any case. picocli's own conversion
 * depends on the language of the machine.
 */
abstract class Choice<E extends Enum<E>> implements ITypeConverter<E>, Iterable<String> {
  private final List<E> values;

  Choice(Class<E> type) {
    values = Arrays.asList(type.getEnumConstants());
  }

  @Override
  public E convert(String value) {
    return values.stream()
        .filter(constant -> name(constant).equalsIgnoreCase(value))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "must be one of %s: %s".formatted(String.join(", ", this), value)));
  }

  /** The names, for messages and for a shell's completion. */
  @Override
  public Iterator<String> iterator() {
    return values.stream().map(Choice::name).iterator();
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How an exported model stores its tail clusters. */
  static final class OfTailWeights extends Choice<TailWeights> {
    static final String DESCRIPTION =
        "How the model stores the class rows of its tail clusters: float32, bfloat16 or int8";

    OfTailWeights() {
      super(TailWeights.class);
    }
  }

  /** A language model's output layer. */
  static final class OfSoftmax extends Choice<Softmax> {
    OfSoftmax() {
      super(Softmax.class);
    }
  }

  /** Type of the training step's products. */
  static final class OfPrecision extends Choice<ComputePrecision> {
    OfPrecision() {
      super(ComputePrecision.class);
    }
  }

  /** What a plan is to make cheap. */
  static final class OfObjective extends Choice<PlanObjective> {
    OfObjective() {
      super(PlanObjective.class);
    }
  }

  /** A classifier's loss. */
  static final class OfLoss extends Choice<ClassifierLoss.Kind> {
    OfLoss() {
      super(ClassifierLoss.Kind.class);
    }
  }

  /** What a busy server does. */
  static final class OfWhenBusy extends Choice<WhenBusy> {
    OfWhenBusy() {
      super(WhenBusy.class);
    }
  }

  /** How finished rows are left out. */
  static final class OfSkipping extends Choice<ClassifierLoss.Skipping> {
    OfSkipping() {
      super(ClassifierLoss.Skipping.class);
    }
  }

  /** Where tokens are counted. */
  static final class OfEngine extends Choice<CountCommand.Engine> {
    OfEngine() {
      super(CountCommand.Engine.class);
    }
  }
}
