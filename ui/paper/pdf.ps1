# pdf.ps1 DOCUMENT PDF: lets Word, or WPS, write the document as a PDF.
param([string]$document, [string]$pdf)
$ErrorActionPreference = 'Stop'
foreach ($name in 'Word.Application', 'KWPS.Application', 'WPS.Application') {
    try { $office = New-Object -ComObject $name } catch { continue }
    try {
        $office.Visible = $false
        try { $office.DisplayAlerts = 0 } catch { }
        $opened = $office.Documents.Open($document, $false, $true, $false)
        $opened.ExportAsFixedFormat($pdf, 17)
        $opened.Close(0)
        exit 0
    } catch {
        [Console]::Error.WriteLine($_.Exception.Message)
    } finally {
        $office.Quit()
    }
}
exit 1
