# Installs the Ronda agent on an office PC as a scheduled task, or takes it away.
#   powershell -ExecutionPolicy Bypass -File install.ps1 ADDRESS CODE [-Sha256 SUM]
#   powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall [-Forget]
# ASCII only: Windows PowerShell 5.1 reads files without a mark in the code page of the machine.
param(
    [string]$Address = "",
    [string]$Code = "",
    [string]$Sha256 = "",
    [int]$ReportSeconds = 90,
    [switch]$Uninstall,
    [switch]$Forget
)
$ErrorActionPreference = "Stop"
$Task = "Ronda agent"
$Program = Join-Path $env:ProgramFiles "Ronda"
$Data = Join-Path $env:ProgramData "Ronda\agent"
$File = Join-Path $Program "ronda-agent.pyz"
$Before = Join-Path $Program "ronda-agent.before.pyz"
$Source = Join-Path $PSScriptRoot "ronda-agent.pyz"

function Stop-With([string]$Text) {
    Write-Host $Text
    exit 1
}

# an installed Python of all users: the task's account cannot read the folders of people
function Find-Python {
    $found = @()
    foreach ($root in @("HKLM:\SOFTWARE\Python\PythonCore", "HKLM:\SOFTWARE\WOW6432Node\Python\PythonCore")) {
        if (Test-Path $root) {
            foreach ($key in Get-ChildItem $root) {
                $place = Join-Path $key.PSPath "InstallPath"
                if (Test-Path $place) {
                    $folder = (Get-Item $place).GetValue("")
                    if ($folder) { $found += Join-Path $folder "python.exe" }
                }
            }
        }
    }
    foreach ($python in $found) {
        if (Test-Path $python) {
            & $python -I -S -c "import sys; sys.exit(sys.version_info < (3, 11))"
            if ($LASTEXITCODE -eq 0) { return $python }
        }
    }
    return $null
}

function Invoke-Agent([string[]]$Words) {
    # what a native program writes to its error stream is no error of this script
    $ErrorActionPreference = "Continue"
    & $Python -I -S $File @Words 2>&1 | ForEach-Object { "$_" }
}

# read as JSON, so that no words of the agent matter
function Get-Status {
    $said = (Invoke-Agent @("status", "--json")) -join "`n"
    try { return $said | ConvertFrom-Json } catch { return $null }
}

function Stop-Agent {
    if (Get-ScheduledTask -TaskName $Task -ErrorAction SilentlyContinue) {
        Stop-ScheduledTask -TaskName $Task
        Disable-ScheduledTask -TaskName $Task | Out-Null
        Start-Sleep -Seconds 2
    }
}

function Start-Agent {
    $xml = (Get-Content -Raw (Join-Path $PSScriptRoot "ronda-agent.xml")).Replace("@PYTHON@", [Security.SecurityElement]::Escape($Python))
    Register-ScheduledTask -TaskName $Task -Xml $xml -Force | Out-Null
    Start-ScheduledTask -TaskName $Task
}

function Wait-Report {
    $end = (Get-Date).AddSeconds($ReportSeconds)
    while ((Get-Date) -lt $end) {
        $status = Get-Status
        if ($status -and $status.running -and $status.reports -gt 0) { return $true }
        Start-Sleep -Seconds 1
    }
    return $false
}

$me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Stop-With "Perintah ini butuh hak pengelola. Klik kanan PowerShell, pilih Run as administrator, ketik lagi."
}

if ($Uninstall) {
    Stop-Agent
    Unregister-ScheduledTask -TaskName $Task -Confirm:$false -ErrorAction SilentlyContinue
    if (Test-Path $Program) { Remove-Item -Recurse -Force $Program }
    Write-Host "Agen dihentikan dan dihapus dari PC ini."
    if ($Forget) {
        if (Test-Path $Data) { Remove-Item -Recurse -Force $Data }
        Write-Host "Data dan pendaftarannya ikut dihapus. Beri tahu ruang kendali, supaya agen ini diakhiri."
    } else {
        Write-Host "Data dan pendaftarannya masih ada di $Data. Hapus juga: install.ps1 -Uninstall -Forget"
    }
    exit 0
}

if (-not (Test-Path $Source)) {
    Stop-With "Berkas ronda-agent.pyz tidak ada di samping install.ps1. Salin keduanya ke satu folder."
}
$Sum = (Get-FileHash -Algorithm SHA256 $Source).Hash
$Beside = "$Source.sha256"
if (-not $Sha256 -and (Test-Path $Beside)) { $Sha256 = ((Get-Content -Raw $Beside) -split "\s+")[0] }
if (-not $Sha256) {
    Write-Host "  Berkas tidak diperiksa: tidak ada jumlah sha256. Cocokkan sendiri: $Sum"
} elseif ($Sum -ne $Sha256) {
    Stop-With "Berkas rusak atau bukan yang dimaksud: jumlah sha256 tidak cocok. Salin lagi dari ruang kendali. Tidak ada yang diubah."
} else {
    Write-Host "  Berkas utuh (sha256)."
}

$Python = Find-Python
if (-not $Python) {
    Stop-With "Python 3.11 atau lebih baru belum ada. Pasang dari python.org, centang 'Install Python for all users', lalu ulangi."
}
Write-Host "  Python: $Python"
$ErrorActionPreference = "Continue"
$Release = & $Python -I -S $Source --version
if ($LASTEXITCODE -ne 0) { Stop-With "Berkas ini tidak bisa dijalankan oleh Python itu. Tidak ada yang diubah." }
$ErrorActionPreference = "Stop"

New-Item -ItemType Directory -Force $Program, $Data | Out-Null
# only administrators, the system and the task's account may read what the agent keeps
icacls $Data /inheritance:r /grant:r "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-19:(OI)(CI)M" /T /Q | Out-Null
if ($LASTEXITCODE -ne 0) { Stop-With "Folder $Data tidak bisa diamankan. Telepon ruang kendali." }

Stop-Agent
$Upgrade = $false
if (Test-Path $File) {
    $Upgrade = (Get-FileHash -Algorithm SHA256 $File).Hash -ne $Sum
    if ($Upgrade) { Copy-Item -Force $File $Before }
}
Copy-Item -Force $Source "$File.new"
Move-Item -Force "$File.new" $File
Write-Host "  Program $Release diletakkan di $File."

if ($Address) {
    Write-Host "Mendaftar ke $Address. Ini bisa beberapa menit, biarkan saja."
    Invoke-Agent @("enrol", $Address, $Code) | ForEach-Object { Write-Host "  $_" }
    $Enrolled = $LASTEXITCODE -eq 0
} else {
    $Enrolled = Test-Path (Join-Path $Data "identity.json")
}
if (-not $Enrolled) {
    if (Test-Path (Join-Path $Data "identity.json")) { Start-Agent }
    Write-Host "BELUM terdaftar. Arti tulisan di atas: docs\install-windows.md."
    Stop-With "Setelah diperbaiki, jalankan lagi: install.ps1 ALAMAT KODE. Tetap gagal: telepon ruang kendali."
}

Write-Host "Menyalakan agen dan menunggu laporan pertamanya diterima."
Start-Agent
if (Wait-Report) {
    Write-Host "SELESAI. Laporan pertama sudah diterima ruang kendali. Agen menyala sendiri setiap PC dinyalakan."
    exit 0
}
if ($Upgrade) {
    Stop-Agent
    Copy-Item -Force $Before $File
    Start-Agent
    Stop-With "Agen baru GAGAL (laporannya tidak sampai). Yang lama sudah dipasang dan dinyalakan kembali. Telepon ruang kendali."
}
$Status = Get-Status
if ($Status -and $Status.running) {
    Stop-With "Agen menyala, tetapi laporannya belum sampai: $($Status.trouble). Periksa kabel dan internet. Agen mencoba terus sendiri."
}
Stop-With "Agen tidak mau menyala. Foto layar ini, kirim ke ruang kendali."
