package org.adaptivesoftmax.bench;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.bench.soak.SoakReport;
import org.adaptivesoftmax.bench.soak.SoakSample;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A soak's memory and latency in the course of time as a PNG file. */
final class SoakPlot {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 320;
  private static final double SECONDS_PER_MINUTE = 60;

  private SoakPlot() {}

  static void write(SoakReport report, Path file) throws IOException {
    // There may be no display, and none is needed.
    System.setProperty("java.awt.headless", "true");
    List<SoakSample> samples = report.samples();
    XYChart memory = chart("Memory, heap of 256 MB included", "MB");
    memory.getStyler().setYAxisMin(0.0);
    add(memory, "peak", samples, sample -> sample.holds().peakMb());
    add(memory, "resident", samples, sample -> sample.holds().residentMb());
    add(memory, "in use, native", samples, sample -> sample.holds().nativeMb());
    add(memory, "alive in the heap", samples, sample -> sample.holds().heapMb());
    XYChart latency = chart("p99 of calls, deadline %,d ms".formatted(report.deadlineMs()), "ms");
    latency.getStyler().setYAxisLogarithmic(true);
    for (String way : report.calls().keySet()) {
      List<SoakSample> with =
          samples.stream().filter(sample -> sample.latency().containsKey(way)).toList();
      add(latency, way.replace('_', ' '), with, sample -> sample.latency().get(way).p99Ms());
    }
    ImageIO.write(above(memory, latency), "png", file.toFile());
  }

  private static XYChart chart(String title, String unit) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("minutes")
            .yAxisTitle(unit)
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  private static void add(
      XYChart chart, String name, List<SoakSample> samples, ToDoubleFunction<SoakSample> figure) {
    chart
        .addSeries(
            name,
            samples.stream().map(sample -> sample.seconds() / SECONDS_PER_MINUTE).toList(),
            samples.stream().map(figure::applyAsDouble).toList())
        .setMarker(SeriesMarkers.NONE);
  }

  private static BufferedImage above(XYChart upper, XYChart lower) {
    BufferedImage both = new BufferedImage(WIDTH, 2 * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = both.createGraphics();
    graphics.drawImage(BitmapEncoder.getBufferedImage(upper), 0, 0, null);
    graphics.drawImage(BitmapEncoder.getBufferedImage(lower), 0, HEIGHT, null);
    graphics.dispose();
    return both;
  }
}
