package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.adaptivesoftmax.training.Calibration;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.EncoderData;
import org.adaptivesoftmax.training.EncoderTrainer;
import org.adaptivesoftmax.training.EncoderTraining;

/**
 * Runs of a classifier with a pretrained encoder.
 *
 * @param pretrained the encoder
 * @param longest the most tokens of a text
 * @param frozenEmbeddings whether softmax with frozen embeddings is one of the variants
 */
public record EncoderTrials(PretrainedEncoder pretrained, int longest, boolean frozenEmbeddings)
    implements Trials {
  @Override
  public List<Variant> variants(double delta) {
    List<Variant> variants = new ArrayList<>(Variant.ofEncoder(delta));
    if (frozenEmbeddings) {
      variants.add(Variant.frozenEmbeddings());
    }
    return variants;
  }

  @Override
  public String description(Variant variant, StudySettings settings) {
    return training(variant, settings)
        + " "
        + pretrained.configuration()
        + " of "
        + longest
        + " tokens";
  }

  private static EncoderTraining training(Variant variant, StudySettings settings) {
    return EncoderTraining.builder()
        .epochs(settings.epochs())
        .patience(settings.epochs())
        .loss(variant.loss())
        .frozenLayers(variant.frozenLayers())
        .build();
  }

  @Override
  public Trial open(StudyData data, StudySettings settings) throws IOException {
    EncoderData read =
        EncoderData.read(
            new EncoderData.Corpora(data.train(), data.validation(), data.test()),
            pretrained.tokenizer(),
            longest);
    return (variant, seed) -> trained(read, training(variant, settings), seed);
  }

  private Result trained(EncoderData data, EncoderTraining training, long seed)
      throws IOException, InterruptedException {
    EncoderClassifierConfiguration configuration =
        EncoderClassifierConfiguration.builder(pretrained.configuration())
            .classes(data.labels().size())
            .maxLength(longest)
            .padding(pretrained.tokenizer().id(WordPieceTokenizer.PADDING))
            .seed(seed)
            .build();
    try (EncoderTrainer trainer =
        new EncoderTrainer(configuration, pretrained, training, data.train(), data.validation())) {
      ProcessorClock clock = new ProcessorClock();
      Epoch best = trainer.train(Optional.empty(), clock);
      List<Epoch> epochs = trainer.epochs();
      Calibration calibration =
          Calibration.of(
              new Calibration.Scores(
                  trainer.logProbs(data.validation()), data.validation()::classOf),
              new Calibration.Scores(trainer.logProbs(data.test()), data.test()::classOf));
      return new Result(
          StudyRun.Best.of(best, trainer.evaluate(data.test()), epochs),
          StudyRun.Epochs.of(epochs),
          new StudyRun.Encoder(
              clock.seconds(),
              calibration,
              epochs.stream().map(epoch -> epoch.rows().guessed()).toList(),
              epochs.stream().map(epoch -> epoch.rows().missed()).toList()));
    }
  }
}
