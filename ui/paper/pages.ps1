# pages.ps1 PDF FOLDER DPI MOST: draws the pages of a PDF by Windows' own reader.
param([string]$pdf, [string]$folder, [int]$dpi, [int]$most)
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Runtime.WindowsRuntime
$null = [Windows.Storage.StorageFile, Windows.Storage, ContentType = WindowsRuntime]
$null = [Windows.Data.Pdf.PdfDocument, Windows.Data.Pdf, ContentType = WindowsRuntime]
$null = [Windows.Data.Pdf.PdfPageRenderOptions, Windows.Data.Pdf, ContentType = WindowsRuntime]
$methods = [System.WindowsRuntimeSystemExtensions].GetMethods()
$operation = $methods | Where-Object { $_.Name -eq 'AsTask' -and $_.IsGenericMethod -and $_.GetParameters().Count -eq 1 -and $_.GetParameters()[0].ParameterType.Name -eq 'IAsyncOperation`1' } | Select-Object -First 1
$action = $methods | Where-Object { $_.Name -eq 'AsTask' -and -not $_.IsGenericMethod -and $_.GetParameters().Count -eq 1 -and $_.GetParameters()[0].ParameterType.Name -eq 'IAsyncAction' } | Select-Object -First 1
function Wait-For($task, $type) { $t = $operation.MakeGenericMethod($type).Invoke($null, @($task)); $t.Wait(); $t.Result }
$file = Wait-For ([Windows.Storage.StorageFile]::GetFileFromPathAsync($pdf)) ([Windows.Storage.StorageFile])
$document = Wait-For ([Windows.Data.Pdf.PdfDocument]::LoadFromFileAsync($file)) ([Windows.Data.Pdf.PdfDocument])
for ($i = 0; $i -lt [Math]::Min($document.PageCount, $most); $i++) {
    $page = $document.GetPage($i)
    $options = New-Object Windows.Data.Pdf.PdfPageRenderOptions
    $options.DestinationWidth = [uint32]($page.Size.Width * $dpi / 96)
    $stream = [System.IO.File]::Open((Join-Path $folder ('page-{0}.png' -f ($i + 1))), 'Create', 'ReadWrite')
    $out = [System.IO.WindowsRuntimeStreamExtensions]::AsRandomAccessStream($stream)
    $action.Invoke($null, @($page.RenderToStreamAsync($out, $options))).Wait()
    $out.Dispose(); $stream.Dispose(); $page.Dispose()
}
