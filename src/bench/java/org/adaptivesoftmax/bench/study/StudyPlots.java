package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The curves of a study as PNG files, two for each data set. */
final class StudyPlots {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;

  private StudyPlots() {}

  /**
   * Draws validation accuracy against training time, and finished examples against epochs.
   *
   * @param directory of the files, which exists
   */
  static void write(StudyReport report, Path directory) throws IOException {
    // There may be no display, and none is needed.
    System.setProperty("java.awt.headless", "true");
    for (var set : report.byData().entrySet()) {
      XYChart accuracy = chart(set.getKey(), "training seconds", "validation accuracy, %");
      XYChart finished = chart(set.getKey(), "epoch", "finished training examples, %");
      for (RunGroup group : set.getValue()) {
        RunGroup.Epochs epochs = group.epochs();
        add(accuracy, group.variant(), epochs.seconds(), epochs.validationAccuracy());
        add(finished, group.variant(), numbers(epochs), epochs.finished());
      }
      save(accuracy, directory.resolve(set.getKey() + "-accuracy.png"));
      save(finished, directory.resolve(set.getKey() + "-finished.png"));
    }
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  private static void add(XYChart chart, String name, List<Double> x, List<Double> shares) {
    chart.addSeries(name, x, shares.stream().map(share -> 100 * share).toList());
  }

  private static List<Double> numbers(RunGroup.Epochs epochs) {
    return IntStream.rangeClosed(1, epochs.finished().size()).mapToObj(e -> (double) e).toList();
  }

  private static void save(XYChart chart, Path file) throws IOException {
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
  }
}
