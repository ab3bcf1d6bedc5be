package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A step's time against the number of classes as a PNG file, both in powers of ten. */
final class GrowthPlot {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;
  private static final Map<Contender, String> TITLES =
      new EnumMap<>(
          Map.of(
              Contender.FULL_SOFTMAX, "full softmax",
              Contender.PYTORCH, "adaptive, PyTorch",
              Contender.OURS, "adaptive, ours"));

  private GrowthPlot() {}

  static void write(GrowthReport report, Path file) throws IOException {
    // There may be no display, and none is needed.
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Loss and gradients, 256 rows of 512 features, the same head")
            .xAxisTitle("classes")
            .yAxisTitle("milliseconds")
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    TITLES.forEach((contender, title) -> add(chart, report, contender, title));
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
  }

  private static void add(XYChart chart, GrowthReport report, Contender contender, String title) {
    List<Integer> classes = new ArrayList<>();
    List<Double> ms = new ArrayList<>();
    for (int i = 0; i < report.classes().size(); i++) {
      Measured measured = report.times().results().get(i).measured().get(contender);
      if (measured != null) {
        classes.add(report.classes().get(i));
        ms.add(measured.medianMs());
      }
    }
    if (!classes.isEmpty()) {
      chart.addSeries(title, classes, ms);
    }
  }
}
